// Our entry for `dids` and the peer, in one module: both have the same class `DID`.

import * as ours from '../../dist/dids.js'
import { EthereumNodeAuth } from '@didtools/pkh-ethereum'
import * as entry from './peer.entry.js'
import { helpers } from '../page/helpers.js'

const peer = { ...entry, EthereumNodeAuth }
Object.assign(globalThis, { ours, peer, ...helpers(ours, peer), ready: true })
