// Writes contracts.json from Wallets.sol: `npm install --no-save solc@0.8.37 && node compile.mjs`.
// The tests read the result, so that they need no compiler.
import { readFileSync, writeFileSync } from 'node:fs'
import solc from 'solc'

const settings = {
  evmVersion: 'paris',
  optimizer: { enabled: true, runs: 200 },
  metadata: { bytecodeHash: 'none', appendCBOR: false },
  outputSelection: { '*': { '*': ['evm.bytecode.object'] } },
}
const sources = { 'Wallets.sol': { content: readFileSync('Wallets.sol', 'utf8') } }
const input = { language: 'Solidity', sources, settings }
const output = JSON.parse(solc.compile(JSON.stringify(input)))
for (const { formattedMessage } of output.errors ?? []) console.error(formattedMessage)
const compiled = Object.entries(output.contracts['Wallets.sol'])
const creation = compiled.map(([name, { evm }]) => [name, evm.bytecode.object])
const result = { compiler: solc.version(), settings, creation: Object.fromEntries(creation) }
writeFileSync('contracts.json', `${JSON.stringify(result, null, 2)}\n`)
