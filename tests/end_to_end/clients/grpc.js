// @grpc/grpc-js: the peers of clients/grpc_peer.py, word for word.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const grpc = require('@grpc/grpc-js');

const LARGE = Buffer.alloc(4 << 20, Buffer.from(Array.from({length: 256}, (_, byte) => byte)));
const PINGS = {'grpc.keepalive_time_ms': 200, 'grpc.keepalive_permit_without_calls': 1};

const method = (name, requestStream, responseStream) => ({
    path: `/test.Echo/${name}`, requestStream, responseStream, requestSerialize: (data) => data, requestDeserialize: (data) => data,
    responseSerialize: (data) => data, responseDeserialize: (data) => data,
});
const SERVICE = {
    Unary: method('Unary', false, false), Collect: method('Collect', true, false), Spread: method('Spread', false, true), Chat: method('Chat', true, true),
    Fail: method('Fail', false, false), Slow: method('Slow', false, false), Idle: method('Idle', false, true),
};

function serve(cert, key) {
    const server = new grpc.Server(PINGS);
    server.addService(SERVICE, {
        Unary(call, done) {
            const initial = new grpc.Metadata();
            for (const name of ['x-text', 'x-data-bin']) for (const value of call.metadata.get(name)) initial.add(name, value);
            call.sendMetadata(initial);
            const trailing = new grpc.Metadata();
            trailing.add('x-end-bin', Buffer.from([0, 0xff, 0x80]));
            trailing.add('x-sum', crypto.createHash('sha256').update(call.request).digest('hex'));
            done(null, call.request, trailing);
        },
        Collect(call, done) {
            const got = [];
            call.on('data', (data) => got.push(data.toString()));
            call.on('end', () => done(null, Buffer.from(got.join('+'))));
        },
        Spread(call) {
            for (const piece of call.request.toString().split('+')) call.write(Buffer.from(piece));
            call.end();
        },
        Chat(call) {
            call.on('data', (data) => call.write(Buffer.from(data.toString().toUpperCase())));
            call.on('end', () => call.end());
        },
        Fail(call, done) {
            const metadata = new grpc.Metadata();
            metadata.add('x-why-bin', Buffer.from('\0why'));
            done({code: grpc.status.FAILED_PRECONDITION, details: '100% wrong, \u00e9 and\nmore', metadata});
        },
        Slow(call) {
            const begun = new grpc.Metadata();
            begun.add('x-begun', '1');
            call.on('cancelled', () => console.log(`ended ${call.request}`));
            call.sendMetadata(begun);
        },
        Idle(call) {
            call.write(Buffer.from('begun'));
            setTimeout(() => {
                call.write(Buffer.from('awake'));
                call.end();
            }, Number(call.request.toString()) * 1000);
        },
    });
    const credentials = grpc.ServerCredentials.createSsl(null, [{cert_chain: fs.readFileSync(cert), private_key: fs.readFileSync(key)}]);
    server.bindAsync('127.0.0.1:0', credentials, (error, port) => {
        if (error) throw error;
        console.log(`listening on ${port}`);
    });
}

const within = (seconds) => ({deadline: Date.now() + seconds * 1000});
const text = (value) => (Buffer.isBuffer(value) ? value.toString('hex') : value);
const fields = (metadata) => Object.fromEntries(Object.entries(metadata.getMap()).map(([name, value]) => [name, text(value)]));
const told = (error) => ({code: error.code, details: error.details, trailing: fields(error.metadata)});
const streamed = (call) => new Promise((resolve) => {
    const got = [];
    call.on('data', (data) => got.push(data.toString()));
    call.on('end', () => resolve(got));
    call.on('error', (error) => resolve(told(error)));
});

const stories = {
    unary_of: (client, request, options = within(30), metadata = new grpc.Metadata()) => new Promise((resolve) => {
        const said = {};
        const call = client.Unary(request, metadata, options, (error, answer) => { said.error = error; said.answer = answer; });
        call.on('metadata', (initial) => { said.initial = initial; });
        call.on('status', (status) => { said.status = status; resolve(said); });
    }),

    failure_of: (client, name, options = within(30)) => new Promise((resolve) => client.makeUnaryRequest(
        `/test.Echo/${name}`, (data) => data, (data) => data, Buffer.from(name === 'Slow' ? 'deadline' : 'secret'), new grpc.Metadata(), options,
        (error) => resolve(error ? told(error) : {code: 0}))),

    async every_kind(client) {
        const asked = new grpc.Metadata();
        asked.add('x-text', 'words');
        asked.add('x-data-bin', Buffer.from([0, 1, 0xfe, 0xff]));
        const said = await stories.unary_of(client, Buffer.from('hello'), within(30), asked);
        const collect = await new Promise((resolve, reject) => {
            const call = client.Collect(within(30), (error, answer) => (error ? reject(error) : resolve(answer.toString())));
            for (const piece of ['a', '', 'b']) call.write(Buffer.from(piece));
            call.end();
        });
        const words = ['one', 'two', 'six'];
        const chat = client.Chat(within(30));
        chat.on('data', () => (words.length ? chat.write(Buffer.from(words.shift())) : chat.end()));
        const answers = streamed(chat);
        chat.write(Buffer.from(words.shift()));
        const many = Array.from({length: 50}, (_, number) => stories.unary_of(client, Buffer.from(String(number))));
        return {unary: said.answer.toString(), initial: [said.initial.get('x-text')[0], said.initial.get('x-data-bin')[0].toString('hex')],
                trailing: [said.status.metadata.get('x-end-bin')[0].toString('hex'), said.status.metadata.get('x-sum')[0]], collect,
                spread: await streamed(client.Spread(Buffer.from('a+b+c'), within(30))), chat: await answers,
                many: (await Promise.all(many)).map((each) => each.answer.toString())};
    },
    large: async (client) => {
        const said = await stories.unary_of(client, LARGE, within(60));
        return Boolean(said.answer) && LARGE.equals(said.answer);
    },
    failing: (client) => stories.failure_of(client, 'Fail'),
    missing: (client) => stories.failure_of(client, 'None'),
    unary: (client) => stories.failure_of(client, 'Unary'),
    streaming: async (client) => {
        const call = client.Chat(within(30));
        call.write(Buffer.from('secret'));
        const said = await streamed(call);
        return Array.isArray(said) ? {code: 0} : said;
    },
    deadline: (client) => stories.failure_of(client, 'Slow', within(0.5)),
    cancel: (client) => new Promise((resolve) => {
        const call = client.Slow(Buffer.from('cancel'), within(30), (error) => resolve({code: error.code}));
        call.on('metadata', () => call.cancel());
    }),
    idle: (client) => streamed(client.Idle(Buffer.from('2.5'), within(30))),
};

async function talk(target, ca, ...names) {
    const credentials = ca ? grpc.credentials.createSsl(fs.readFileSync(ca)) : grpc.credentials.createInsecure();
    const Client = grpc.makeGenericClientConstructor(SERVICE, 'test.Echo');
    const client = new Client(target, credentials, PINGS);
    const said = {};
    for (const name of names) said[name] = await stories[name](client);
    console.log(JSON.stringify(said));
    client.close();
}

const [, , verb, ...rest] = process.argv;
({serve, talk})[verb](...rest);
