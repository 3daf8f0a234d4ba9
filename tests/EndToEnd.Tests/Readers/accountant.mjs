// Checks a finished run from its files alone: every batch has one shard a row stage, computed from the shards that are there; nothing is left
// over; every sample and every edit is accounted for. Prints what it finds, a line each; exit code 1 on any.
//   node accountant.mjs DIRECTORY --samples N [--aside URI]...
// N is the number of samples that went in; a URI, relative to the input, is a file that must have been set aside, and no other may be.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'

const wholeStages = new Set(['describe', 'select', 'export', 'train', 'report'])
const [directory, ...options] = process.argv.slice(2)
const option = (name) => options.flatMap((value, at) => (options[at - 1] === name ? [value] : []))
const findings = []
const find = (text) => findings.push(text)
const json = (path) => JSON.parse(readFileSync(join(directory, path), 'utf8'))
const list = (path) => (existsSync(join(directory, path)) ? readdirSync(join(directory, path)).sort() : [])
const count = (items) => items.reduce((counts, item) => counts.set(item, (counts.get(item) ?? 0) + 1), new Map())

// What should be there once each, against what is.
function compare(what, wanted, found) {
  const counts = count(found)
  for (const [item, times] of counts) if (times > 1) find(`${what}: ${item} is there ${times} times`)
  const there = new Set(found)
  const missing = [...new Set(wanted)].filter((item) => !there.has(item))
  const right = new Set(wanted)
  const foreign = [...there].filter((item) => !right.has(item))
  if (missing.length) find(`${what}: ${missing.length} missing, such as ${missing[0]}`)
  if (foreign.length) find(`${what}: ${foreign.length} too many, such as ${foreign[0]}`)
}

async function readParquet(path) {
  const file = await asyncBufferFromFile(join(directory, path))
  const metadata = await parquetMetadataAsync(file)
  const keys = Object.fromEntries((metadata.key_value_metadata ?? []).map(({ key, value }) => [key, value]))
  return { keys, columns: metadata.schema.map(({ name }) => name), rows: await parquetReadObjects({ file, metadata, compressors, utf8: false }) }
}

// The pipeline file that the program leaves: stages at two spaces, settings at four.
function readStages() {
  const stages = new Map()
  let stage
  for (const line of readFileSync(join(directory, 'pipeline.yaml'), 'utf8').split('\n')) {
    const name = /^ {2}(\S+):$/.exec(line)?.[1]
    const [, key, value] = /^ {4}(\w+): ?(.*)$/.exec(line) ?? []
    if (name) stages.set(name, (stage = { name, after: [] }))
    else if (key === 'kind') stage.kind = value
    else if (key === 'after') stage.after = value.replace(/[[\]\s]/g, '').split(',').filter(Boolean)
  }
  return stages
}

const run = json('run.json')
const stages = readStages()
const rowStages = [...stages.values()].filter(({ kind }) => !wholeStages.has(kind))
const ancestors = (name) => stages.get(name).after.flatMap((after) => [after, ...ancestors(after)])
const runFolder = `runs/${run.id}`
const shards = new Map() // by stage/batch

if (run.state !== 'done') find(`run.json: the state is ${run.state}`)
if (run.failedBatches) find(`run.json: ${run.failedBatches} failed batches`)
compare('runs', [run.id], list('runs'))
for (const entry of readdirSync(directory, { recursive: true })) {
  if (/\.tmp-/.test(entry)) find(`${entry}: a temporary file`)
  if (entry.endsWith('.failed.json')) find(`${entry}: a failed batch`)
}

// Files by name: a shard and a log for each batch, and nothing of a batch that is not there.
const shardsOf = (stage) => list(`${runFolder}/${stage}`).filter((name) => name.endsWith('.parquet')).map((name) => basename(name, '.parquet'))
const batches = Array.from({ length: shardsOf('ingest').length }, (_, batch) => `${batch}`.padStart(8, '0'))
for (const { name } of rowStages) {
  compare(`shards of ${name}`, batches, shardsOf(name))
  const known = new Set([...batches.flatMap((batch) => [`${batch}.parquet`, `${batch}.log.json`]), ...(name === 'ingest' ? ['index'] : [])])
  for (const file of list(`${runFolder}/${name}`)) {
    if (!known.has(file) && !file.endsWith('.parquet')) find(`${runFolder}/${name}/${file}: a file of no batch`)
  }
}

// What was set aside.
const aside = list('quarantine').flatMap((stage) => list(`quarantine/${stage}`).flatMap((file) => json(`quarantine/${stage}/${file}`)))
const asideIn = (stage) => aside.filter((row) => row.stage === stage)
const asideKeys = (stage) => new Set(asideIn(stage).map(({ sampleId, variantId }) => variantId ?? sampleId))

// Footers and rows, in the order of the flow.
const samples = new Map() // id to split and uri
const rowsOf = new Map() // stage to all of its rows' keys
for (const { name, after } of rowStages) {
  const fingerprints = []
  const keysOfStage = []
  const variantCounts = new Set()
  for (const batch of batches.filter((index) => existsSync(join(directory, runFolder, name, `${index}.parquet`)))) {
    const at = `${name}/${batch}`
    let shard
    try {
      shard = await readParquet(`${runFolder}/${at}.parquet`)
    } catch (error) {
      find(`${at}: cannot be read, ${error.message}`)
      continue
    }
    const { keys, columns, rows } = shard
    const wanted = { stage: name, batch: `${Number(batch)}`, schema: '1', seed: `${run.seed}`, rows: `${rows.length}` }
    for (const [key, value] of Object.entries(wanted)) {
      if (keys[`pipeline.${key}`] !== value) find(`${at}: the footer's ${key} is ${keys[`pipeline.${key}`]}, wanted was ${value}`)
    }
    fingerprints.push(keys['pipeline.fingerprint'])
    const parents = (keys['pipeline.parents'] ?? '').split(',').filter(Boolean).map((parent) => parent.split('='))
    if (!parents.length && after.length) find(`${at}: names no parent`)
    for (const [parent, content] of parents) {
      if (!ancestors(name).includes(parent)) find(`${at}: its parent ${parent} is not before it`)
      else if (shards.get(`${parent}/${batch}`)?.content !== content) find(`${at}: its parent ${parent} is ${content}, which is not the one that is there`)
    }

    const variants = columns.includes('variant_id')
    const rowKeys = rows.map((row) => (variants ? row.variant_id : row.sample_id))
    const asideHere = asideIn(name).filter((row) => row.batch === Number(batch))
    if (Number(keys.quarantined ?? 0) !== asideHere.length) find(`${at}: the footer counts ${keys.quarantined} set aside, there are ${asideHere.length}`)
    if (name === 'ingest') {
      for (const row of rows) samples.set(row.sample_id, row)
      if (Number(keys.rows_in) !== rows.length + asideHere.length) find(`${at}: ${keys.rows_in} rows in, ${rows.length} out, ${asideHere.length} set aside`)
    } else {
      const before = after.map((parent) => shards.get(`${parent}/${batch}`)).find(Boolean) ?? { rows: [], variants: false, rowKeys: [] }
      const gone = asideKeys(name)
      if (variants && !before.variants) {
        const wantedSamples = before.rows.map((row) => row.sample_id).filter((id) => samples.get(id)?.split === 'train' && !gone.has(id))
        const each = count([...rows, ...asideHere.filter((row) => row.variantId).map((row) => ({ sample_id: row.sampleId }))].map((row) => row.sample_id))
        compare(`samples of ${at}`, wantedSamples, [...each.keys()])
        for (const variantsOfOne of each.values()) variantCounts.add(variantsOfOne)
      } else {
        compare(`rows of ${at}`, before.rowKeys.filter((key) => !gone.has(key)), rowKeys)
      }
    }
    shards.set(at, { content: keys['pipeline.content'], rows, rowKeys, variants })
    keysOfStage.push(...rowKeys)
  }
  if (new Set(fingerprints).size > 1) find(`${name}: ${new Set(fingerprints).size} fingerprints, one is wanted`)
  if (variantCounts.size > 1) find(`${name}: a sample has ${[...variantCounts].sort().join(' or ')} variants; all have as many`)
  compare(`rows of ${name}`, [...new Set(keysOfStage)], keysOfStage)
  rowsOf.set(name, keysOfStage)
}

// The sum, against the number that the caller knows and against what the program says of itself.
const listed = Number(option('--samples')[0])
const lastOfSamples = rowStages.filter(({ name }) => !shards.get(`${name}/${batches[0]}`)?.variants).at(-1)?.name ?? 'ingest'
const asideSamples = new Set(aside.filter(({ variantId }) => !variantId).map(({ uri, sampleId }) => samples.get(sampleId)?.uri ?? uri))
const through = rowsOf.get(lastOfSamples)?.length ?? 0
if (through + asideSamples.size !== listed) find(`samples: ${listed} in, ${through} through and ${asideSamples.size} set aside`)
compare('quarantine', option('--aside'), [...asideSamples])
for (const { variantId } of aside) if (variantId) find(`quarantine: the edit ${variantId}`)
const account = existsSync(join(directory, 'report/account.json')) ? json('report/account.json') : {}
if (!account.samples) find('report/account.json: it has no samples')
for (const [of, entry] of Object.entries(account)) {
  const dropped = Object.values(entry.dropped).reduce((sum, number) => sum + number, 0)
  const sum = entry.kept + dropped + entry.quarantined + entry.failed
  if (entry.in !== sum || entry.inFlight || entry.failed) find(`account of ${of}: ${entry.in} in, ${sum} accounted for, ${entry.failed} failed, ${entry.inFlight} in flight`)
}
if (account.samples && account.samples.in !== listed) find(`account of samples: ${account.samples.in} in, ${listed} were given`)

// Selected and exported.
const edits = rowsOf.get(rowStages.filter(({ name }) => shards.get(`${name}/${batches[0]}`)?.variants).at(-1)?.name) ?? []
const select = [...stages.values()].find(({ kind }) => kind === 'select')?.name
let selected = []
if (select) {
  const { rows } = await readParquet(`${runFolder}/${select}/00000000.parquet`)
  selected = [...new Set(rows.map((row) => row.variant_id))]
  const known = new Set(edits)
  const unknown = selected.filter((id) => !known.has(id))
  if (unknown.length) find(`${select}: ${unknown.length} are no edits, such as ${unknown[0]}`)
  const dropped = Object.values(json(`${runFolder}/${select}/selection.json`).dropped).reduce((sum, number) => sum + number, 0)
  if (selected.length + dropped !== edits.length) find(`${select}: ${edits.length} edits in, ${selected.length} selected and ${dropped} dropped`)
}
if ([...stages.values()].some(({ kind }) => kind === 'export')) {
  const manifest = json('augmented/manifest.json')
  compare('augmented', manifest.files.map(({ file }) => file), list('augmented').filter((name) => name.endsWith('.parquet')))
  const exported = []
  for (const { file, rows: wanted, sha256 } of manifest.files) {
    if (!existsSync(join(directory, 'augmented', file))) continue
    const bytes = readFileSync(join(directory, 'augmented', file))
    if (createHash('sha256').update(bytes).digest('hex') !== sha256) find(`augmented/${file}: its hash is not the manifest's`)
    const { rows } = await readParquet(`augmented/${file}`)
    if (rows.length !== wanted) find(`augmented/${file}: ${rows.length} rows, the manifest says ${wanted}`)
    exported.push(...rows)
  }
  compare('exported originals', rowsOf.get(lastOfSamples), exported.filter((row) => !row.variant_id).map((row) => row.sample_id))
  compare('exported edits', selected, [...new Set(exported.filter((row) => row.variant_id).map((row) => row.variant_id))])
}

for (const text of findings) console.log(text)
console.log(`${batches.length} batches, ${rowStages.length} row stages, ${samples.size} samples, ${edits.length} edits: ${findings.length} findings`)
process.exitCode = findings.length ? 1 : 0
