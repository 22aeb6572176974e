// Node's own HTTP/2: `http2.js serve CERT KEY DIRECTORY` gives files and answers an upload with its SHA-256;
// `http2.js talk URL PROXY CA REQUESTS` makes them at once over one connection, through a tunnel if PROXY is given, and prints what came of each.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const http = require('http');
const http2 = require('http2');
const path = require('path');
const tls = require('tls');

const hash = () => crypto.createHash('sha256');

function serve(cert, key, directory) {
    const options = {cert: fs.readFileSync(cert), key: fs.readFileSync(key), settings: {maxConcurrentStreams: 1000}};
    const server = http2.createSecureServer(options);
    server.on('stream', (stream, head) => {
        stream.on('error', () => {});
        if (head[':method'] === 'POST' && head[':path'] !== '/trailers') {
            const digest = hash();
            stream.on('data', (data) => digest.update(data));
            stream.on('end', () => {
                stream.respond({':status': 200});
                stream.end(digest.digest('hex'));
            });
        } else if (head[':path'] === '/trailers') {
            const got = {};
            stream.on('trailers', (fields) => Object.assign(got, fields));
            stream.resume();
            stream.on('end', () => {
                stream.additionalHeaders({':status': 103, 'link': '</a.css>; rel=preload'});
                stream.respond({':status': 200}, {waitForTrailers: true});
                const names = Object.keys(head).sort().join(' ');
                stream.on('wantTrailers', () => stream.sendTrailers({'x-sum': '42', 'x-got': got['x-asked'] || 'nothing', 'x-names': names}));
                stream.end('body');
            });
        } else if (head[':path'] === '/cut') {
            stream.respond({':status': 200});
            stream.write('half', () => stream.destroy(new Error('cut')));
        } else {
            stream.respondWithFile(path.join(directory, head[':path']), {}, {onError: () => stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR)});
        }
    });
    server.listen(0, '127.0.0.1', () => console.log(`listening on ${server.address().port}`));
}

function tunnel(proxy, url) {
    const {hostname, port} = new URL(proxy);
    const authority = `${url.hostname}:${url.port || 443}`;
    return new Promise((resolve, reject) => {
        const asked = http.request({host: hostname, port, method: 'CONNECT', path: authority});
        asked.on('connect', (response, socket) => (response.statusCode === 200 ? resolve(socket) : reject(new Error(`CONNECT: ${response.statusCode}`))));
        asked.on('error', reject);
        asked.end();
    });
}

function ask(session, {method = 'GET', target, upload, trailers, fields = {}}) {
    return new Promise((resolve) => {
        const said = {interim: [], trailers: {}, size: 0};
        const digest = hash();
        const stream = session.request({':method': method, ':path': target, ...fields}, {waitForTrailers: Boolean(trailers), endStream: !upload && !trailers});
        stream.on('headers', (head) => said.interim.push(head[':status']));
        stream.on('response', (head) => { said.status = head[':status']; said.head = head; });
        stream.on('trailers', (fields) => { said.trailers = {...fields}; });
        stream.on('wantTrailers', () => stream.sendTrailers(trailers));
        stream.on('data', (data) => {
            digest.update(data);
            said.size += data.length;
            if (said.size < 1000) said.text = (said.text || '') + data;
        });
        stream.on('error', (error) => { said.error = error.message; });
        stream.on('close', () => resolve({...said, code: stream.rstCode, digest: digest.digest('hex')}));
        if (upload) fs.createReadStream(upload).pipe(stream);
        else if (trailers) stream.end();
    });
}

async function talk(url, proxy, ca, requests) {
    const to = new URL(url);
    const secured = to.protocol === 'https:' ? {ca: fs.readFileSync(ca), servername: to.hostname, ALPNProtocols: ['h2']} : {};
    if (proxy) {
        const socket = await tunnel(proxy, to);
        secured.createConnection = () => tls.connect({...secured, socket});
    }
    const session = http2.connect(url, secured);
    session.on('error', (error) => console.error(error.message));
    const said = await Promise.all(JSON.parse(requests).map((request) => ask(session, request)));
    console.log(JSON.stringify(said));
    session.close();
}

const [, , verb, ...rest] = process.argv;
({serve, talk})[verb](...rest);
