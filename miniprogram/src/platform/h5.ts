import type { Chosen, Keep, Platform } from './platform'

interface Row {
  name: string
  picture: boolean
  blob: Blob
}

function rows<T>(mode: IDBTransactionMode, run: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('yanlu', 1)
    opening.onupgradeneeded = () => opening.result.createObjectStore('kept')
    opening.onerror = () => reject(opening.error)
    opening.onsuccess = () => {
      const database = opening.result
      const transaction = database.transaction('kept', mode)
      const request = run(transaction.objectStore('kept'))
      transaction.oncomplete = () => {
        database.close()
        resolve(request.result)
      }
      transaction.onabort = () => reject(transaction.error)
      transaction.onerror = () => reject(transaction.error)
    }
  })
}

// A URL of a blob lives as long as the page; one is enough for each file.
const urls = new Map<string, string>()

const keep: Keep = {
  put: async (name, file) => {
    if (!file.blob) throw new Error('a chosen file without its content')
    const row: Row = { name: file.name, picture: file.picture, blob: file.blob }
    await rows('readwrite', (store) => store.put(row, name))
  },
  get: async (name) => {
    const row = await rows<Row | undefined>('readonly', (store) => store.get(name))
    if (!row) return undefined
    const path = urls.get(name) ?? URL.createObjectURL(row.blob)
    urls.set(name, path)
    return { name: row.name, picture: row.picture, size: row.blob.size, path, blob: row.blob }
  },
  drop: async (name) => {
    const url = urls.get(name)
    if (url) URL.revokeObjectURL(url)
    urls.delete(name)
    await rows('readwrite', (store) => store.delete(name))
  },
}

/** The browser's own dialogue; it never tells that it was closed without a choice. */
function choose(accept: string, most: number): Promise<Chosen[]> {
  return new Promise((resolve) => {
    const input = document.createElement('input')
    input.type = 'file'
    input.accept = accept
    input.multiple = most > 1
    input.style.display = 'none'
    const done = (files: File[]) => {
      input.remove()
      resolve(files.slice(0, most).map((f) => ({ name: f.name, path: '', size: f.size, picture: f.type.startsWith('image/'), blob: f })))
    }
    input.addEventListener('change', () => done([...(input.files ?? [])]))
    input.addEventListener('cancel', () => done([]))
    document.body.append(input)
    input.click()
  })
}

/**
 * Where somebody types or pastes the address of another matter while one is shown, the
 * framework goes on to show the one: it looks at the path alone.
 */
function readAgain(asked: string) {
  if (location.hash.slice(1) !== asked) return // one has gone on meanwhile
  const pages = getCurrentPages()
  const shown = (pages[pages.length - 1] as unknown as { $page?: { fullPath: string } } | undefined)?.$page?.fullPath ?? ''
  const pathOf = (address: string) => address.split('?')[0]
  if (pathOf(shown) === pathOf(asked) && decodeURIComponent(shown) !== decodeURIComponent(asked)) location.reload()
}

/** What the server calls a file that it gives out. */
export function nameIn(disposition: string): string {
  const name = /filename\*=UTF-8''([^;]+)/i.exec(disposition)?.[1]
  return name ? decodeURIComponent(name) : '表格.xlsx'
}

async function takeFile(url: string, headers: Record<string, string>): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(url, { headers })
  if (!answer.ok) return { status: answer.status, body: await answer.json().catch(() => undefined) }
  const link = document.createElement('a')
  link.href = URL.createObjectURL(await answer.blob())
  link.download = nameIn(answer.headers.get('Content-Disposition') ?? '')
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000) // some browsers read it a little later
  return { status: answer.status, body: undefined }
}

export const h5: Platform = {
  weixin: false,
  origin: '',
  device: () => '浏览器',
  wide: () => window.matchMedia('(min-width: 1024px)').matches,
  typeScale: () => 1, // the browser scales by itself
  loginCode: () => Promise.reject(new Error('wx.login is not in a browser')),
  askPush: async () => [],
  place: async () => undefined,
  choosePictures: (most) => choose('image/*', most),
  chooseFiles: (most) => choose('image/*,.pdf,.docx,.xlsx,.csv,.mp3,.m4a,.mp4', most),
  openFile: async (url) => {
    window.open(url, '_blank', 'noopener')
  },
  takeFile,
  scan: async () => undefined,
  watchAddress: () => window.addEventListener('hashchange', () => setTimeout(readAgain, 500, location.hash.slice(1))), // the framework has shown what it shows by then
  keep,
  applyScale: (scale) => document.documentElement.style.setProperty('--app-scale', String(scale)),
}
