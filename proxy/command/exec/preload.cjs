// Loaded into each Node below `whytls exec`, before its program: http, https and fetch go through the
// proxy of $https_proxy. A Node that reads the proxy variables itself (24.5, 22.21 and later) does so
// for its own agents and for fetch; here it is taught the same for agents that a program makes.
'use strict';
const http = require('http');
const https = require('https');
const net = require('net');
const tls = require('tls');

const knowsProxies = process.allowedNodeEnvironmentFlags.has('--use-env-proxy') && Boolean(process.env.NODE_USE_ENV_PROXY);

function proxyOfEnvironment() {
  try {
    const { protocol, hostname, port } = new URL(process.env.https_proxy || process.env.HTTPS_PROXY);
    return protocol === 'http:' ? { host: hostname, port: Number(port) || 80 } : null;
  } catch {
    return null; // there is none
  }
}

const bare = (host) => (host.startsWith('[') ? host.slice(1, -1) : host);
const authority = (host, port) => `${net.isIPv6(host) ? `[${host}]` : host}:${port}`;

function leadThrough(proxy) {
  const isProxy = (host, port) => bare(host) === proxy.host && Number(port) === proxy.port;

  // Calls back with an error, or with a socket on which the server's own bytes follow (RFC 9110 §9.3.6).
  function tunnel(host, port, done) {
    const path = authority(host, port);
    const request = http.request({ ...proxy, method: 'CONNECT', path, headers: { Host: path }, agent: false });
    request.once('connect', (response, socket, head) => {
      if (response.statusCode !== 200) {
        socket.destroy();
        done(new Error(`the proxy refuses a tunnel to ${path}: ${response.statusCode} ${response.statusMessage}`));
        return;
      }
      if (head.length > 0) socket.unshift(head);
      done(null, socket);
    });
    request.once('error', done);
    request.end();
  }

  // Every agent of https that opens connections in its usual way.
  const connectTls = https.Agent.prototype.createConnection;
  https.Agent.prototype.createConnection = function createConnection(options, done, ...others) {
    const direct = options === null || typeof options !== 'object' || typeof done !== 'function' || options.socket ||
      options.socketPath || this.options?.proxyEnv || isProxy(options.host, options.port);
    if (direct) return connectTls.call(this, options, done, ...others);
    tunnel(bare(options.host), options.port, (error, socket) => {
      if (error) done(error);
      else done(null, connectTls.call(this, { ...options, socket }));
    });
    return undefined;
  };

  // A request in the clear goes to the proxy in absolute form (RFC 9112 §3.2.2).
  const { addRequest, createSocket, createConnection } = http.Agent.prototype;
  http.Agent.prototype.addRequest = function (request, options, ...others) {
    const plain = this.createSocket === createSocket && this.createConnection === createConnection &&
      !(this instanceof https.Agent) && !this.options?.proxyEnv && options && typeof options === 'object';
    if (!plain || options.socketPath || request.method === 'CONNECT' || isProxy(options.host, options.port))
      return addRequest.call(this, request, options, ...others);
    const host = bare(options.host);
    const port = Number(options.port) || 80;
    const path = `http://${port === 80 ? authority(host, port).replace(/:80$/, '') : authority(host, port)}${request.path}`;
    if (request._header) request._header = request._header.replace(` ${request.path} HTTP/`, () => ` ${path} HTTP/`);
    request.path = path;
    return addRequest.call(this, request, { ...options, ...proxy }, ...others);
  };

  // fetch, and the package undici, share a dispatcher, which Node makes with the first of these.
  function connect({ hostname, port, protocol, servername }, done) {
    const secure = protocol === 'https:';
    const host = bare(hostname);
    const given = (error, socket) => {
      if (error || !secure) return done(error, socket);
      const session = tls.connect({ socket, host, servername: servername || (net.isIP(host) ? '' : host), ALPNProtocols: ['http/1.1'] });
      session.once('error', done);
      session.once('secureConnect', () => {
        session.removeListener('error', done);
        done(null, session);
      });
    };
    const to = Number(port) || (secure ? 443 : 80);
    if (!isProxy(host, to)) return tunnel(host, to, given);
    const socket = net.connect(to, host);
    socket.once('error', given);
    socket.once('connect', () => {
      socket.removeListener('error', given);
      given(null, socket);
    });
  }
  if (knowsProxies) hush('UNDICI-EHPA');
  else if (typeof fetch === 'function') dispatchBy(connect);
}

// Node 22 warns at its start that it reads the variables by an experiment. A program's stderr is its own.
function hush(code) {
  const { emit } = process;
  process.emit = function (name, warning, ...others) {
    return name === 'warning' && warning?.code === code ? false : emit.call(this, name, warning, ...others);
  };
  setImmediate(() => { process.emit = emit; }).unref();
}

// Node reads its undici, a quarter of its start, only for a program that uses it. So the dispatcher
// is made when it is first asked for, and one that a program has chosen itself stays.
function dispatchBy(connect) {
  const dispatcher = Symbol.for('undici.globalDispatcher.1');
  const nodes = globalThis.fetch;
  let pending = true;
  let isNodes = false; // whether the dispatcher that is there is Node's own

  function install() {
    if (!pending) return;
    pending = false;
    if (!isNodes) delete globalThis[dispatcher];
    void globalThis.Headers; // Node reads its undici, which makes a dispatcher where there is none
    const Agent = globalThis[dispatcher]?.constructor;
    if (Agent) globalThis[dispatcher] = new Agent({ connect });
  }
  Object.defineProperty(globalThis, dispatcher, {
    configurable: true,
    get() {
      isNodes = new Error().stack.includes('node:internal/deps/undici');
      if (isNodes) delete globalThis[dispatcher]; // it is being read, and is about to make its own
      else install();
      return globalThis[dispatcher];
    },
    set(value) {
      pending = false;
      delete globalThis[dispatcher];
      globalThis[dispatcher] = value;
    },
  });
  const chosen = () => 'value' in (Object.getOwnPropertyDescriptor(globalThis, dispatcher) ?? {}) && !isNodes;
  globalThis.fetch = function fetch(input, init = undefined) {
    if (pending && !chosen()) install();
    return nodes.call(this, input, init);
  };
}

const found = proxyOfEnvironment();
if (found) leadThrough(found);
