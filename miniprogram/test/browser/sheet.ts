import { readFileSync } from 'node:fs'
import { inflateRawSync } from 'node:zlib'
import type { Download } from 'playwright-core'

/** The parts of a zip, by their names. */
function unzip(file: Buffer): Map<string, string> {
  const parts = new Map<string, string>()
  const end = file.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'))
  let at = file.readUInt32LE(end + 16)
  for (let n = file.readUInt16LE(end + 10); n > 0; n--) {
    const [method, packed, named, extra, comment] = [file.readUInt16LE(at + 10), file.readUInt32LE(at + 20), file.readUInt16LE(at + 28), file.readUInt16LE(at + 30), file.readUInt16LE(at + 32)]
    const name = file.toString('utf8', at + 46, at + 46 + named)
    const local = file.readUInt32LE(at + 42)
    const from = local + 30 + file.readUInt16LE(local + 26) + file.readUInt16LE(local + 28)
    const raw = file.subarray(from, from + packed)
    parts.set(name, (method === 8 ? inflateRawSync(raw) : raw).toString('utf8'))
    at += 46 + named + extra + comment
  }
  return parts
}

const plain = (xml: string) => xml.replace(/<[^>]*>/g, '').replace(/&quot;/g, '"').replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&')

/** The rows of the first sheet of a workbook that was saved; empty cells at the end of a row are left out. */
export async function rowsOf(saved: Download): Promise<string[][]> {
  const parts = unzip(readFileSync((await saved.path())!))
  const words = [...(parts.get('xl/sharedStrings.xml') ?? '').matchAll(/<si>(.*?)<\/si>/gs)].map((m) => plain(m[1]))
  const rows: string[][] = []
  for (const [, row] of parts.get('xl/worksheets/sheet1.xml')!.matchAll(/<row [^>]*?(?:\/>|>(.*?)<\/row>)/gs)) {
    const cells: string[] = []
    for (const [, letters, value] of (row ?? '').matchAll(/<c r="([A-Z]+)\d+"[^>]*?(?:\/>|>.*?<v>(.*?)<\/v><\/c>)/gs)) {
      if (value === undefined) continue
      const column = [...letters].reduce((n, c) => n * 26 + c.charCodeAt(0) - 64, 0) - 1
      while (cells.length < column) cells.push('')
      cells.push(words[Number(value)])
    }
    rows.push(cells)
  }
  return rows
}
