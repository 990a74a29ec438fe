import type { Chosen, Consent, Keep, Platform } from './platform'

const folder = () => `${(uni as unknown as { env: { USER_DATA_PATH: string } }).env.USER_DATA_PATH}/kept`

/** Files in the folder of the user; the index says what they were called. */
const keep: Keep = {
  put: (name, file) =>
    new Promise((resolve, reject) => {
      const fs = uni.getFileSystemManager()
      try {
        fs.accessSync(folder())
      } catch {
        fs.mkdirSync(folder(), true)
      }
      const path = `${folder()}/${name}`
      fs.copyFile({
        srcPath: file.path,
        destPath: path,
        success: () => {
          uni.setStorageSync(`kept:${name}`, { name: file.name, size: file.size, picture: file.picture })
          resolve()
        },
        fail: reject,
      })
    }),
  get: async (name) => {
    const known = uni.getStorageSync(`kept:${name}`) as Omit<Chosen, 'path'> | ''
    if (!known) return undefined
    const path = `${folder()}/${name}`
    try {
      uni.getFileSystemManager().accessSync(path)
    } catch {
      return undefined
    }
    return { ...known, path }
  },
  drop: async (name) => {
    uni.removeStorageSync(`kept:${name}`)
    try {
      uni.getFileSystemManager().unlinkSync(`${folder()}/${name}`)
    } catch {
      // It was never written, or is gone.
    }
  },
}

const named = (path: string) => path.slice(path.lastIndexOf('/') + 1)

/** What was fetched in the place of a file: a refusal, or a proxy's page. */
function readRefusal(path: string): unknown {
  try {
    return JSON.parse(uni.getFileSystemManager().readFileSync(path, 'utf8') as string)
  } catch {
    return undefined
  }
}

export const weixin: Platform = {
  weixin: true,
  origin: import.meta.env.VITE_API_ORIGIN ?? '',
  device: () => uni.getDeviceInfo().model || '手机',
  wide: () => false,
  typeScale: () => {
    const info = uni.getAppBaseInfo() as { fontSizeScaleFactor?: number; fontSizeSetting?: number }
    return info.fontSizeScaleFactor ?? (info.fontSizeSetting ? info.fontSizeSetting / 16 : 1)
  },
  loginCode: () => new Promise((resolve, reject) => uni.login({ success: ({ code }) => resolve(code), fail: reject })),
  askPush: (templates) =>
    new Promise((resolve) => {
      if (templates.length === 0) return resolve([])
      uni.requestSubscribeMessage({
        tmplIds: templates,
        success: (answers) => {
          const said = answers as unknown as Record<string, string>
          resolve(templates.filter((id) => said[id] !== undefined).map((id): Consent => ({ template_id: id, accepted: said[id] === 'accept' })))
        },
        // The person closed it or has switched it off: the inbox tells them.
        fail: () => resolve([]),
      })
    }),
  place: () =>
    new Promise((resolve) => {
      uni.chooseLocation({
        success: ({ name, address, latitude, longitude }) => resolve({ name: name || address, latitude, longitude }),
        fail: () => resolve(undefined),
      })
    }),
  choosePictures: (most) =>
    new Promise((resolve) => {
      uni.chooseMedia({
        count: most,
        mediaType: ['image'],
        sizeType: ['compressed'],
        success: ({ tempFiles }) => resolve(tempFiles.map((f) => ({ name: named(f.tempFilePath), path: f.tempFilePath, size: f.size, picture: true }))),
        fail: () => resolve([]),
      })
    }),
  chooseFiles: (most) =>
    new Promise((resolve) => {
      uni.chooseMessageFile({
        count: most,
        type: 'all',
        success: ({ tempFiles }) => resolve(tempFiles.map((f) => ({ name: f.name, path: f.path, size: f.size, picture: f.type === 'image' }))),
        fail: () => resolve([]),
      })
    }),
  openFile: (url) =>
    new Promise((resolve, reject) => {
      uni.downloadFile({
        url,
        success: ({ tempFilePath }) => uni.openDocument({ filePath: tempFilePath, showMenu: true, success: () => resolve(), fail: reject }),
        fail: reject,
      })
    }),
  takeFile: (url, header) =>
    new Promise((resolve, reject) => {
      uni.downloadFile({
        url,
        header,
        success: ({ statusCode: status, tempFilePath }) => {
          if (status >= 400) resolve({ status, body: readRefusal(tempFilePath) })
          else uni.openDocument({ filePath: tempFilePath, fileType: 'xlsx', showMenu: true, success: () => resolve({ status, body: undefined }), fail: reject })
        },
        fail: reject,
      })
    }),
  scan: () => new Promise((resolve) => uni.scanCode({ success: ({ result }) => resolve(result), fail: () => resolve(undefined) })),
  watchAddress: () => undefined, // there is none to change
  keep,
  applyScale: () => undefined, // page-meta of each page carries it
}
