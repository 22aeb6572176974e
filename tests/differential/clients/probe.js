// probe.js TRUST.pem SECONDS: reads "NAME HOST PORT" a line and fetches https://HOST:PORT/ of each from 127.0.0.1, trusting the PEM file given; writes NAME,
// a tab and the error's text with its code, or "accepts".
const fs = require('fs');
const https = require('https');
const tls = require('tls');

// Read once, not for each connection.
const secureContext = tls.createSecureContext({ ca: fs.readFileSync(process.argv[2]) });
const patience = Number(process.argv[3]) * 1000;
const waiting = fs.readFileSync(0, 'utf8').trim().split('\n');

function ask(name, host, port, done) {
  let told = false;
  const tell = text => {
    if (told) return;
    told = true;
    console.log(`${name}\t${text.replace(/\s+/g, ' ')}`);
    done();
  };
  const fail = error => tell(`${error.message}${error.code ? ` [${error.code}]` : ''}`);
  const lookup = (_, options, found) => (options.all ? found(null, [{ address: '127.0.0.1', family: 4 }]) : found(null, '127.0.0.1', 4));
  const request = https.get({ host, port, lookup, secureContext, agent: false }, response => {
    response.resume();
    response.on('end', () => tell('accepts'));
    response.on('error', fail);
  });
  setTimeout(() => request.destroy(new Error('timeout')), patience).unref();
  request.on('error', fail);
}

function next() {
  const line = waiting.shift();
  if (line) ask(...line.split(' '), next);
}
for (let at = 0; at < 8; ++at) next();
