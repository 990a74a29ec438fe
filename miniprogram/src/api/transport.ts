import { platform, type Chosen } from '@/platform'
import { type Answer, type Request } from './client'
import { Offline, Problem } from './problem'

const lower = (headers: object) => Object.fromEntries(Object.entries(headers).map(([k, v]) => [k.toLowerCase(), String(v)]))

export function send(request: Request): Promise<Answer> {
  return new Promise((resolve, reject) => {
    uni.request({
      url: request.url,
      method: request.method,
      header: request.headers,
      data: request.body,
      timeout: 20_000,
      success: ({ statusCode, data, header }) => resolve({ status: statusCode, headers: lower(header), body: data }),
      fail: () => reject(new Offline()),
    })
  })
}

export const take = (url: string, headers: Record<string, string>): Promise<Omit<Answer, 'headers'>> =>
  platform.takeFile(url, headers).catch(() => {
    throw new Offline()
  })

/** Sends a kept file; resolves to the id of the attachment. */
export function sendFile(file: Chosen, key: string, token: string | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    uni.uploadFile({
      url: platform.origin + '/v1/attachments',
      name: 'file',
      filePath: file.path,
      // The browser has the content at hand; asked for by its URL it would be fetched.
      ...(file.blob ? { file: new File([file.blob], file.name, { type: file.blob.type }) } : {}),
      formData: { name: file.name },
      header: { 'Idempotency-Key': key, Accept: 'application/json', ...(token ? { Authorization: `Bearer ${token}` } : {}) },
      timeout: 120_000,
      success: ({ statusCode, data }) => {
        let body: unknown
        try {
          body = JSON.parse(data)
        } catch {
          body = undefined // a proxy's page
        }
        if (statusCode < 400) resolve((body as { id: string }).id)
        else reject(new Problem(statusCode, body))
      },
      fail: () => reject(new Offline()),
    })
  })
}
