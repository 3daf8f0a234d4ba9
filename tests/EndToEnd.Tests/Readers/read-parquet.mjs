// Prints every row of every Parquet file of a folder, a JSON object a line; bytes as their SHA-256, 64-bit integers as numbers.
import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'

const plain = (_, value) =>
  value instanceof Uint8Array ? createHash('sha256').update(value).digest('hex')
    : typeof value === 'bigint' ? Number(value)
      : value

for (const name of readdirSync(process.argv[2]).filter((name) => name.endsWith('.parquet')).sort()) {
  const file = await asyncBufferFromFile(join(process.argv[2], name))
  const metadata = await parquetMetadataAsync(file)
  const { info } = JSON.parse(metadata.key_value_metadata.find(({ key }) => key === 'huggingface').value)
  for (const row of await parquetReadObjects({ file, metadata, compressors, utf8: false })) {
    console.log(JSON.stringify({ ...row, class: info.features.label.names[Number(row.label)], file: name }, plain))
  }
}
