/** What the server refused, in its own words. */
export class Problem extends Error {
  readonly status: number
  readonly code: string
  readonly requestId: string
  /** What is wrong with single fields, by the field's name in the body. */
  readonly fields: Record<string, string>

  constructor(status: number, body: unknown) {
    const said = (typeof body === 'object' && body !== null ? body : {}) as {
      code?: string
      title?: string
      request_id?: string
      errors?: { field: string; message: string }[]
    }
    super(said.title ?? '服务暂时不可用，请稍后再试。')
    this.name = 'Problem'
    this.status = status
    this.code = said.code ?? 'client.unreadable'
    this.requestId = said.request_id ?? ''
    this.fields = Object.fromEntries((said.errors ?? []).map((e) => [e.field.replace(/^body\./, ''), e.message]))
  }

  /** Whether the same request may succeed later, without anybody doing anything. */
  get passing(): boolean {
    return this.status >= 500 || this.status === 429 || this.status === 408
  }
}

/** No answer came: whether the server did it is unknown. */
export class Offline extends Error {
  constructor() {
    super('网络没有连上，请检查网络后再试。')
    this.name = 'Offline'
  }
}

/** What to tell people of an error. */
export function wordsOf(error: unknown): string {
  if (error instanceof Problem || error instanceof Offline) return error.message
  return '出了点问题，请退出后再试一次。'
}
