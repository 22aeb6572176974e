// fetch.js HOST PROXY-PORT: prints the body that https gets through the proxy at 127.0.0.1, trusting what Node trusts by itself.
const http = require('http');
const https = require('https');

const [host, port] = process.argv.slice(2);
http.request({ host: '127.0.0.1', port, method: 'CONNECT', path: `${host}:443` }).on('connect', (_, socket) => {
  https.get({ host, socket, agent: false }, response => response.pipe(process.stdout)).on('error', error => {
    console.error(error.code);
    process.exit(1);
  });
}).end();
