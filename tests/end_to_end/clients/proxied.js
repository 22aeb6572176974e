// node proxied.js STORY PROXY-URL CA.pem: asks the hosts of test_programs.py through the proxy and writes one JSON value, what came of it.
const crypto = require('crypto');
const fs = require('fs');
const http = require('http');
const https = require('https');
const { Readable } = require('stream');
const { HttpsProxyAgent } = require('https-proxy-agent');
const { ProxyAgent, setGlobalDispatcher } = require('undici');

const [story, proxy, caFile] = process.argv.slice(2);
const ca = fs.readFileSync(caFile);
const PIECE = Buffer.alloc(65536, 'x');
const PIECES = 64;
const DIGEST = crypto.createHash('sha256').update(Buffer.concat(Array(PIECES).fill(PIECE))).digest('hex');

function* pieces() {
  for (let i = 0; i < PIECES; i++) yield PIECE;
}

const agent = new HttpsProxyAgent(proxy, { keepAlive: true, maxSockets: 1, ca });

// The response of the http module, read to its end; `body` is a stream, sent in chunks.
function ask(url, options = {}, body = null) {
  return new Promise((resolve, reject) => {
    const request = https.request(url, { agent, ca, ...options }, async response => {
      const read = [];
      for await (const piece of response) read.push(piece);
      resolve({ status: response.statusCode, fields: response.headers, body: Buffer.concat(read).toString(), reused: request.reusedSocket });
    });
    request.on('error', reject);
    if (body) body.pipe(request);
    else request.end();
  });
}

const stories = {
  async kept_alive() {
    const reused = [];
    for (let i = 0; i < 5; i++) reused.push((await ask('https://good.test/')).reused);
    return reused;
  },
  async upload() {
    const { body } = await ask('https://digest.test/', { method: 'POST' }, Readable.from(pieces()));
    return body === DIGEST;
  },
  async failing() {
    const first = await ask('https://wrong.test/');
    const second = await ask('https://wrong.test/', { headers: { Accept: 'application/json' } });
    return { status: first.status, said: first.fields['proxy-status'], text: first.body, report: JSON.parse(second.body), reused: second.reused };
  },
  // Two ask, the first hangs up in the middle of its answer; the second must not notice.
  async aborted() {
    const cut = await new Promise((resolve, reject) => {
      const request = https.get('https://endless.test/', { agent, ca }, response => {
        response.once('data', () => request.destroy());
        response.on('error', error => resolve(error.code));
      });
      request.on('error', reject);
    });
    return { cut, after: (await ask('https://good.test/')).status };
  },
  async upload_aborted() {
    const hangUp = new AbortController();
    const cut = await ask('https://digest.test/', { method: 'POST', signal: hangUp.signal }, Readable.from((async function* () {
      yield* pieces();
      hangUp.abort(); // most of it is on its way
      await new Promise(() => {});
    })())).catch(error => error.name);
    return { cut, after: (await ask('https://good.test/')).status };
  },
  // No agent at all: the proxy is asked as a server, with the whole URL (RFC 9112 §3.2.2).
  async absolute_form() {
    const { hostname, port } = new URL(proxy);
    return new Promise((resolve, reject) => {
      http.get({ hostname, port, path: 'https://good.test/', headers: { Host: 'good.test' } }, response => {
        response.setEncoding('utf8');
        response.on('data', body => resolve(body));
      }).on('error', reject);
    });
  },
  async fetch() {
    setGlobalDispatcher(new ProxyAgent({ uri: proxy, requestTls: { ca } }));
    const cut = new AbortController();
    const endless = await fetch('https://endless.test/', { signal: cut.signal });
    await endless.body.getReader().read();
    cut.abort();
    const failed = await fetch('https://wrong.test/', { headers: { Accept: 'application/json' } });
    const uploaded = await fetch('https://digest.test/', { method: 'POST', body: Readable.toWeb(Readable.from(pieces())), duplex: 'half' });
    return {
      good: await (await fetch('https://good.test/')).text(),
      plain: await (await fetch('http://plain.test/')).text(), // through CONNECT too
      many: (await Promise.all(Array.from({ length: 20 }, () => fetch('https://good.test/').then(each => each.text())))).join(''),
      uploaded: (await uploaded.text()) === DIGEST,
      failed: [failed.status, (await failed.json()).code],
    };
  },
};

stories[story]().then(result => {
  console.log(JSON.stringify(result));
  process.exit(0);
});
