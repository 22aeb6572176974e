// node exec_node.js WAY URL: prints the status and the body that a program gets which knows of no proxy and no CA.
const http = require('http');
const https = require('https');

const [way, url] = process.argv.slice(2);
const show = (status, body) => console.log(`${status} ${body.trim()}`);

function got(response) {
  let body = '';
  response.setEncoding('utf8');
  response.on('data', piece => { body += piece; });
  response.on('end', () => show(response.statusCode, body));
}

const ways = {
  get: () => (url.startsWith('https:') ? https : http).get(url, got),
  agent: () => https.get(url, { agent: new https.Agent({ keepAlive: true, maxSockets: 1 }), headers: ['Host', new URL(url).host] }, got),
  // With its headers as a list, a request's head is made before its agent sees it.
  list: () => http.get(url, { agent: new http.Agent({ keepAlive: true, maxSockets: 1 }), headers: ['Host', new URL(url).host] }, got),
  // A dispatcher that a program has chosen stays.
  chosen: () => {
    const { Agent, setGlobalDispatcher } = require('undici');
    setGlobalDispatcher(new Agent({ headersTimeout: 1000 }));
    return ways.fetch();
  },
  fetch: () => fetch(url).then(async response => show(response.status, await response.text())),
  undici: () => require('undici').request(url).then(async ({ statusCode, body }) => show(statusCode, await body.text())),
  axios: () => require('axios').get(url, { validateStatus: null, responseType: 'text' }).then(({ status, data }) => show(status, data)),
};
ways[way]();
