// Posts transactions with arweave-js, unmodified: node arweave.mjs FOLDER URL CODE
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [folder, url, code] = process.argv.slice(2);
const Arweave = createRequire(pathToFileURL(folder + "/"))("arweave");
const { hostname, port } = new URL(url);
const arweave = Arweave.init({ host: hostname, port, protocol: "http" });
const key = await arweave.wallets.generate();
const told = [];
for (const data of ["0123456789", code, new Uint8Array(1 << 20).fill(7), new Uint8Array(1_000_000).fill(9)]) {
  const transaction = await arweave.createTransaction({ data }, key);
  transaction.addTag("Content-Type", "text/plain");
  await arweave.transactions.sign(transaction, key);
  const header = JSON.parse(JSON.stringify(transaction));
  const uploader = await arweave.transactions.getUploader(transaction);
  const chunks = transaction.chunks.chunks.map((_, at) => transaction.getChunk(at, transaction.data));
  const statuses = [];
  while (!uploader.isComplete) {
    await uploader.uploadChunk();
    statuses.push(uploader.lastResponseStatus);
  }
  const { status } = await arweave.transactions.getStatus(transaction.id);
  told.push({ id: transaction.id, owner: await arweave.wallets.jwkToAddress(key), statuses, status, header, chunks });
}
console.log(JSON.stringify(told));
