import { operations } from '../lib/ops/define/registry'
import '../lib'
for (const d of operations()) if(!d.params) console.log(d)
import { qualifiedName, samples } from './helpers/samples'
import { definitionOf } from './helpers/names'
import { loadGoldens, ROOT, type GoldenOp } from './helpers/goldens'
import { readdirSync, writeFileSync } from 'node:fs'
const names=new Map<string,string[]>()
for (const d of operations()) names.set(qualifiedName(d),[])
for (const f of readdirSync(ROOT+'/ops')) for (const o of loadGoldens<GoldenOp[]>('ops/'+f)) { const d=definitionOf(o.name); const k=d?qualifiedName(d):'?'+o.name; names.set(k,[...(names.get(k)??[]),o.name]) }
writeFileSync('/tmp/cx/names.json',JSON.stringify([...names].map(([k,v])=>[k,[...new Set(v)]])))
console.log([...operations()].length,'unregistered goldens',[...names.keys()].filter(n=>n[0]=='?').join(' '))
console.log('no golden',[...operations()].map(qualifiedName).filter(n=>!samples.has(n)).join(' '))
import * as tenzo from '../lib'
import { functionOf } from '../lib/ops/define/registry'
const found=new Set<unknown>([...operations()].map(functionOf))
for (const [p,o] of [['',tenzo],['F.',tenzo.nn.functional],['linalg.',tenzo.linalg],['special.',tenzo.special]] as const) console.log('not ops',p, Object.entries(o).filter(([,f])=>typeof f==='function'&&!found.has(f)).map(([n])=>n).join(' '))
