import { createRequire } from 'node:module'
import { join } from 'node:path'

const require = createRequire(__filename)
const exparser = require('miniprogram-exparser')
export const built = join(__dirname, '../../dist/build/mp-weixin')

type Options = Record<string, unknown> & { success?: (r: unknown) => void; fail?: (e: unknown) => void; complete?: () => void }

/** A page of the compiled mini-program as it stands on a telephone. */
export interface Screen {
  text(): string
  /** Taps what has a class and contains some words. */
  tap(name: string, words?: string): Promise<void>
  /** Types into the field with a label. */
  type(label: string, value: string): Promise<void>
  fire(name: string, event: string, detail?: unknown): Promise<void>
  /** The card that is sent to a chat; undefined where the page cannot be sent. */
  card(): { title: string; path: string; imageUrl: string } | undefined
}

interface App {
  onLaunch?(o: unknown): void
  onShow?(o: unknown): void
}

type Placed = Element & { __wxElement: unknown }

/** A telephone whose platform and server are ours. */
export class Phone {
  /** What was asked of the platform and the server, in order. */
  journal: string[] = []
  storage = new Map<string, unknown>()
  /** By what was asked; a function answers anew each time. */
  answers: Record<string, unknown> = {}
  online = true
  bodies: Record<string, unknown> = {}
  headers: Record<string, Record<string, string>> = {}
  private app: App = {}
  private route = ''
  private readonly simulate = require('miniprogram-simulate')

  constructor() {
    const done = (o: Options, result: unknown = {}) => {
      o.success?.(result)
      o.complete?.()
    }
    const navigate = (how: string) => (o: Options) => {
      this.journal.push(`${how} ${o.url}`)
      done(o)
    }
    const known: Record<string, unknown> = {
      getStorageSync: (k: string) => this.storage.get(k) ?? '',
      setStorageSync: (k: string, v: unknown) => void this.storage.set(k, v),
      removeStorageSync: (k: string) => void this.storage.delete(k),
      getStorageInfoSync: () => ({ keys: [...this.storage.keys()] }),
      getAppBaseInfo: () => ({ fontSizeScaleFactor: 1, language: 'zh_CN', SDKVersion: '3.8.0', host: {} }),
      getDeviceInfo: () => ({ model: '手机', platform: 'android', system: 'Android 14' }),
      getWindowInfo: () => ({ windowWidth: 390, windowHeight: 844, pixelRatio: 2, safeArea: {}, screenTop: 0 }),
      getSystemInfoSync: () => ({ language: 'zh_CN', platform: 'android', SDKVersion: '3.8.0', safeArea: {} }),
      getLaunchOptionsSync: () => ({ scene: 1001, query: {} }),
      getEnterOptionsSync: () => ({ scene: 1001, query: {} }),
      getAccountInfoSync: () => ({ miniProgram: {} }),
      canIUse: () => true,
      env: { USER_DATA_PATH: '/user' },
      login: (o: Options) => {
        this.journal.push('wx.login')
        done(o, { code: 'code-1' })
      },
      requestSubscribeMessage: (o: Options & { tmplIds: string[] }) => {
        this.journal.push('wx.requestSubscribeMessage')
        done(o, Object.fromEntries(o.tmplIds.map((id) => [id, 'accept'])))
      },
      request: (o: Options & { url: string; method: string; data?: string; header: Record<string, string> }) => {
        const asked = `${o.method} ${o.url.replace('https://api.example.org', '')}`
        setTimeout(() => {
          if (!this.online) return o.fail?.({ errMsg: 'request:fail' })
          this.journal.push(asked)
          if (o.data) this.bodies[asked] = JSON.parse(o.data)
          this.headers[asked] = o.header
          const answer = this.answers[asked] ?? this.answers[asked.split('?')[0]]
          if (answer === undefined) return done(o, { statusCode: 404, data: { code: 'request.no_route', title: `没有 ${asked}` }, header: {} })
          const body = typeof answer === 'function' ? answer() : answer
          done(o, { statusCode: o.method === 'POST' ? 201 : 200, data: body, header: { ETag: '"1"' } })
        })
        return { abort() {} }
      },
    }
    for (const quiet of ['setStorage', 'onNetworkStatusChange', 'showToast', 'showModal', 'setNavigationBarTitle', 'pageScrollTo', 'stopPullDownRefresh', 'setTabBarBadge', 'removeTabBarBadge']) {
      known[quiet] = () => undefined
    }
    for (const how of ['navigateTo', 'redirectTo', 'reLaunch', 'switchTab', 'navigateBack']) known[how] = navigate(how)
    const launch = (options: App) => {
      this.app = options
      options.onLaunch?.({ path: '', query: {}, scene: 1001 })
    }
    Object.assign(globalThis, { wx: known, Page: () => undefined, App: launch, getApp: () => this.app, getCurrentPages: () => [{ route: this.route, $page: { fullPath: '/' + this.route } }] })
    this.restart()
  }

  /** The program is killed and opened again: what was not stored is gone. */
  restart() {
    for (const loaded of Object.keys(require.cache)) if (loaded.startsWith(built)) delete require.cache[loaded]
    require(join(built, 'app.js'))
  }

  /** It comes to the front. */
  show() {
    this.app.onShow?.({ path: '', query: {}, scene: 1001 })
  }

  async open(route: string, query: Record<string, string> = {}): Promise<Screen> {
    this.route = route
    const id = this.simulate.load(join(built, route), 'page-under-test', { compiler: 'official', rootPath: built })
    const page = this.simulate.render(id)
    page.attach(document.body)
    const instance = page.instance as Record<string, ((o?: unknown) => void) | undefined>
    instance.onLoad?.(query)
    instance.onShow?.()
    await this.settle()
    // The simulator puts the name of the component before each class.
    const has = (element: Element, name: string) => [...element.classList].some((c) => c === name || c.endsWith(`--${name}`))
    const find = (name: string, words = '') => {
      const all = ([...page.dom.querySelectorAll('*')] as Placed[]).filter((e) => has(e, name) && e.textContent?.includes(words))
      if (!all[0]) throw new Error(`nothing on the page is .${name} with “${words}”: ${page.dom.textContent}`)
      return all[all.length - 1]
    }
    const fire = async (element: Placed, event: string, detail: unknown = {}) => {
      exparser.Event.dispatchEvent(element.__wxElement, exparser.Event.create(event, detail, { bubbles: true, composed: true, capturePhase: true }))
      await this.settle()
    }
    return {
      text: () => page.dom.textContent.replace(/\s+/g, ' '),
      tap: (name, words) => fire(find(name, words), 'tap'),
      type: async (label, value) => {
        const field = find('field', label)
        const entry = ([...field.querySelectorAll('wx-input, wx-textarea')] as Placed[])[0]
        await fire(entry, 'input', { value })
      },
      fire: (name, event, detail) => fire(find(name), event, detail),
      card: () => instance.onShareAppMessage?.({ from: 'menu' }) as never,
    }
  }

  async settle() {
    for (let i = 0; i < 12; i++) await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
