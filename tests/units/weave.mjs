// Transactions with arweave-js, unmodified, with a kill of the server in between.
// node weave.mjs FOLDER URL begin
// node weave.mjs FOLDER URL end TOLD     TOLD is what `begin` has printed
// node weave.mjs FOLDER URL read TOLD
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [folder, url, step, given] = process.argv.slice(2);
const require = createRequire(pathToFileURL(folder + "/"));
const Arweave = require("arweave");
const { validatePath } = require("arweave/node/lib/merkle");
const { b64UrlToBuffer } = Arweave.utils;
const { hostname, port } = new URL(url);
const arweave = Arweave.init({ host: hostname, port, protocol: "http" });

// What it could not have from the chain it complains about, and asks for elsewhere.
const complaints = [];
console.error = console.warn = (...words) => complaints.push(words.map(String).join(" "));

// 700 000 bytes are three chunks, 524 290 are two whose ends are moved.
const bytes = (length, seed) => new Uint8Array(length).map((_, at) => (at * 7 + (at >> 8) + seed) % 251);
const DATA = { small: bytes(10, 1), begun: bytes(700_000, 2), named: bytes(524_290, 3), even: bytes(524_288, 4) };

async function signed(key, attributes) {
  const transaction = await arweave.createTransaction(attributes, key);
  transaction.addTag("Content-Type", "application/octet-stream");
  transaction.addTag("\u{1F40B}", "a tag \u00e4");
  await arweave.transactions.sign(transaction, key);
  return transaction;
}

async function begin() {
  const key = await arweave.wallets.generate();
  const other = await arweave.wallets.generate();
  const address = await arweave.wallets.jwkToAddress(key);
  const target = await arweave.wallets.jwkToAddress(other);
  const balances = [await arweave.wallets.getBalance(address)];
  for (const amount of ["5", "90000000000000000000000000"]) {
    const { status, data } = await arweave.api.get(`mint/${address}/${amount}`);
    balances.push([status, data], await arweave.wallets.getBalance(address));
  }
  const height = (await arweave.network.getInfo()).height;
  const mined = [(await arweave.api.get("mine")).data.height, (await arweave.api.get("mine/5")).data.height];

  const small = await signed(key, { data: DATA.small, target, quantity: "12", reward: "34" });
  const posted = [(await arweave.transactions.post(small)).status];
  const even = await signed(key, { data: DATA.even });
  posted.push((await arweave.transactions.post(even)).status);
  const empty = await signed(other, { target: address, quantity: "1" });
  posted.push((await arweave.api.post("tx", empty)).status);

  const begun = await signed(key, { data: DATA.begun });
  const uploader = await arweave.transactions.getUploader(begun);
  for (let at = 0; at < 3; at++) await uploader.uploadChunk();
  const named = await signed(key, { data: DATA.named });
  await (await arweave.transactions.getUploader(named)).uploadChunk();
  const ids = { small: small.id, even: even.id, empty: empty.id, begun: begun.id, named: named.id };
  const statuses = [await arweave.transactions.getStatus(begun.id), await arweave.transactions.getStatus(named.id)];
  return { address, target, balances, height, mined: mined.map((one) => one - height), posted, ids, statuses,
    uploader: JSON.stringify(uploader), complaints };
}

async function end(told) {
  const { begun, named } = told.ids;
  const before = [await arweave.transactions.getStatus(begun), await arweave.transactions.getStatus(named)];
  // One from what the uploader had written down, the other by its id alone.
  const left = await arweave.transactions.getUploader(JSON.parse(told.uploader), DATA.begun);
  const statuses = [];
  while (!left.isComplete) {
    await left.uploadChunk();
    statuses.push(left.lastResponseStatus);
  }
  for await (const uploader of arweave.transactions.upload(named, DATA.named)) statuses.push(uploader.lastResponseStatus);
  return { before, statuses, complaints };
}

async function read(told) {
  const found = {};
  for (const [name, id] of Object.entries(told.ids)) {
    const { status, confirmed } = await arweave.transactions.getStatus(id);
    const transaction = await arweave.transactions.get(id);
    const verified = await arweave.transactions.verify(transaction);
    const own = DATA[name] ?? new Uint8Array(0);
    const same = (data) => Buffer.compare(Buffer.from(data), Buffer.from(own)) === 0;
    const proved = [];
    if (own.length) {
      const { size, offset } = await arweave.chunks.getTransactionOffset(id);
      const start = Number(offset) - Number(size);
      for (let at = 0; at < own.length; ) {
        // Any of its bytes leads to a chunk; the path from the root says where it begins.
        const { chunk, data_path: path } = await arweave.chunks.getChunk(start + at + 1);
        const root = b64UrlToBuffer(transaction.data_root);
        const place = await validatePath(root, at, 0, own.length, b64UrlToBuffer(path));
        const hash = await Arweave.crypto.hash(b64UrlToBuffer(chunk));
        const told = Buffer.from(b64UrlToBuffer(path).slice(-64, -32));
        proved.push(place && place.chunkSize === b64UrlToBuffer(chunk).length && told.equals(Buffer.from(hash)));
        at = place.rightBound;
      }
    }
    found[name] = {
      status, confirmed, verified, proved,
      data: same(transaction.data),
      read: own.length === 0 || same(await arweave.transactions.getData(id, { decode: true })),
      fields: { ...transaction.toJSON(), data: undefined, owner: await arweave.wallets.ownerToAddress(transaction.owner) },
    };
  }
  const current = await arweave.blocks.getCurrent();
  const changed = await arweave.transactions.get(told.ids.small);
  changed.tags.pop();
  const quiet = complaints.length;
  return {
    found,
    last: await arweave.wallets.getLastTransactionID(told.target),
    balance: await arweave.wallets.getBalance(told.address),
    block: current.indep_hash === (await arweave.network.getInfo()).current,
    peers: await arweave.network.getPeers(),
    forged: await arweave.transactions.verify(changed),
    complaints: complaints.slice(0, quiet),
  };
}

const told = given === undefined ? undefined : JSON.parse(given);
console.log(JSON.stringify(await { begin, end, read }[step](told)));
