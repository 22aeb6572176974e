// node.js TRUST.pem: reads {"name", "host", "port"} a line and asks each at 127.0.0.1 over HTTPS; writes {"name", "text", "code"} a line, the
// error's or "accepts".
const fs = require('fs');
const https = require('https');

const trust = fs.readFileSync(process.argv[2]);
for (const line of fs.readFileSync(0, 'utf8').trim().split('\n')) {
  const { name, host, port } = JSON.parse(line);
  const tell = (text, code = '') => console.log(JSON.stringify({ name, text, code }));
  const lookup = (_, options, done) => (options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4));
  const request = https.get({ host, port, lookup, ca: trust, agent: false }, response => {
    response.resume();
    response.on('end', () => tell('accepts'));
    response.on('error', error => tell(error.message, error.code));
  });
  request.setTimeout(20000, () => request.destroy(new Error('timeout')));
  request.on('error', error => tell(error.message, error.code));
}
