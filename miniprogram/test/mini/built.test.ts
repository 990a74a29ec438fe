import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { compiler } from './compiler'

const built = join(__dirname, '../../dist/build/mp-weixin')
const files = readdirSync(built, { recursive: true, encoding: 'utf8' }).filter((f) => statSync(join(built, f)).isFile())
const bytes = (of: string[]) => of.reduce((sum, f) => sum + statSync(join(built, f)).size, 0)

it("the platform's own compiler takes every template", () => {
  const templates = files.filter((f) => f.endsWith('.wxml'))
  expect(templates.length).toBeGreaterThan(20)
  execFileSync(join(compiler, 'wcc'), ['-d', '-o', join(mkdtempSync(join(tmpdir(), 'wcc-')), 'out.js'), ...templates.map((f) => `./${f}`)], { cwd: built, stdio: 'pipe' })
})

it('every component that is used is there, and hides none of the platform', () => {
  const own = new Set(['view', 'text', 'image', 'icon', 'button', 'input', 'textarea', 'form', 'label', 'picker', 'switch', 'slider', 'radio', 'checkbox', 'progress', 'page', 'page-meta', 'scroll-view', 'swiper', 'navigator', 'map', 'canvas', 'video', 'camera', 'editor', 'block', 'slot'])
  const used = files
    .filter((f) => f.endsWith('.json'))
    .flatMap((f) => {
      const { usingComponents = {} } = JSON.parse(readFileSync(join(built, f), 'utf8')) as { usingComponents?: Record<string, string> }
      return Object.entries(usingComponents).map(([name, path]) => ({ name, at: path.startsWith('/') ? path.slice(1) : join(dirname(f), path) }))
    })
  expect(used.length).toBeGreaterThan(20)
  expect(used.filter(({ at }) => !['.js', '.json', '.wxml'].every((end) => existsSync(join(built, at + end))))).toEqual([])
  expect(used.filter(({ name }) => own.has(name))).toEqual([])
})

it('each package keeps to the limit of 2 MB', () => {
  const limit = 2 * 1024 * 1024
  const staff = files.filter((f) => f.startsWith('staff/'))
  expect(bytes(staff)).toBeLessThan(limit)
  expect(bytes(files) - bytes(staff)).toBeLessThan(limit)
})
