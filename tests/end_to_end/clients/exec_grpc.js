// exec_grpc.js URL: what a call of test.Echo comes to for a program that knows of no proxy and no CA.
const grpc = require('@grpc/grpc-js');

const bytes = data => data;
const client = new grpc.Client(`${new URL(process.argv[2]).host}:443`, grpc.credentials.createSsl());
client.makeUnaryRequest('/test.Echo/Unary', bytes, bytes, Buffer.from('hello'), { deadline: Date.now() + 30_000 }, (error, answer) => {
  console.log(error ? `${error.code} ${error.details}` : `200 ${answer}`);
  client.close();
});
