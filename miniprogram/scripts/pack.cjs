// Packs the H5 build into ../api/web/dist, which the Go program embeds: text
// as .gz and .br only, everything else as it is. With --check it only says
// whether what lies there is what the source gives.
const { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } = require('node:fs')
const { dirname, join, relative } = require('node:path')
const { brotliCompressSync, brotliDecompressSync, constants, gunzipSync, gzipSync } = require('node:zlib')

const built = join(__dirname, '../dist/build/h5')
const packed = join(__dirname, '../../api/web/dist')
const text = /\.(html|js|css|svg|json)$/

const files = (folder, under = folder) =>
  readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? files(join(folder, entry.name), under) : [relative(under, join(folder, entry.name))]))
    .sort()

// What is to lie there, by name. Another release of zlib may compress to other
// bytes, so a check compares what the files hold.
const wanted = new Map()
for (const name of files(built)) {
  const content = readFileSync(join(built, name))
  if (!text.test(name)) {
    wanted.set(name, { content, read: (b) => b, write: () => content })
    continue
  }
  wanted.set(name + '.gz', { content, read: gunzipSync, write: () => gzipSync(content, { level: 9 }) })
  wanted.set(name + '.br', {
    content,
    read: brotliDecompressSync,
    write: () => brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length } }),
  })
}

const there = existsSync(packed) ? files(packed) : []
const current = (name) => there.includes(name) && wanted.get(name).content.equals(wanted.get(name).read(readFileSync(join(packed, name))))
const stale = [...wanted.keys()].filter((name) => !current(name))
const extra = there.filter((name) => !wanted.has(name))

if (process.argv.includes('--check')) {
  if (stale.length + extra.length > 0) {
    console.error('api/web/dist is not what miniprogram/ gives (npm run build:h5): ' + [...stale, ...extra].join(', '))
    process.exitCode = 1
  }
} else {
  for (const name of extra) rmSync(join(packed, name))
  for (const name of stale) {
    mkdirSync(dirname(join(packed, name)), { recursive: true })
    writeFileSync(join(packed, name), wanted.get(name).write())
  }
  console.log(`api/web/dist: ${wanted.size} files, ${stale.length} written, ${extra.length} removed`)
}
