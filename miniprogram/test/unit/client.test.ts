import { describe, expect, it, vi } from 'vitest'
import { createClient, type Answer, type Request } from '@/api/client'
import { Offline, Problem, wordsOf } from '@/api/problem'

const ok = (body: unknown): Answer => ({ status: 200, headers: {}, body })

function client(...answers: (Answer | Error)[]) {
  const sent: Request[] = []
  const ended = vi.fn()
  const made = createClient({
    origin: 'https://api.example.org',
    token: () => 'token',
    ended,
    take: async (url, headers) => {
      sent.push({ method: 'GET', url, headers })
      const next = answers.shift()
      if (!next || next instanceof Error) throw next ?? new Offline()
      return next
    },
    send: async (request) => {
      sent.push(request)
      const next = answers.shift()
      if (!next || next instanceof Error) throw next ?? new Offline()
      return next
    },
  })
  return { ...made, sent, ended }
}

describe('the client', () => {
  it('fills path and query, and leaves out what is not asked for', async () => {
    const c = client(ok({ items: [] }))
    await c.get('/v1/work', { query: { limit: 5, step: undefined, kind: 'suggestion', overdue: false } })
    expect(c.sent[0]).toMatchObject({ method: 'GET', url: 'https://api.example.org/v1/work?limit=5&kind=suggestion', headers: { Authorization: 'Bearer token' } })
  })

  it('sends once more with the same key when no answer came', async () => {
    const c = client(new Offline(), ok({ done: true }))
    await c.post('/v1/sessions/{id}/end', { path: { id: 'a/b' }, key: 'one-key-1' })
    expect(c.sent).toHaveLength(2)
    expect(c.sent[1]).toEqual(c.sent[0])
    expect(c.sent[0].url).toBe('https://api.example.org/v1/sessions/a%2Fb/end')
  })

  it('does not send a code twice, which works once', async () => {
    const c = client(new Offline(), ok({}))
    await expect(c.post('/v1/login', { body: { code: 'x' } })).rejects.toBeInstanceOf(Offline)
    expect(c.sent).toHaveLength(1)
  })

  it('gives up after the second time', async () => {
    const c = client(new Offline(), new Offline(), ok({}))
    await expect(c.get('/v1/me')).rejects.toBeInstanceOf(Offline)
    expect(c.sent).toHaveLength(2)
  })

  it('turns a refusal into its words', async () => {
    const c = client({ status: 422, headers: {}, body: { code: 'request.invalid', title: '有的内容填写不正确', errors: [{ field: 'body.title', message: '太短' }] } })
    const problem = (await c.get('/v1/me').catch((e) => e)) as Problem
    expect(wordsOf(problem)).toBe('有的内容填写不正确')
    expect(problem.fields).toEqual({ title: '太短' })
    expect(problem.passing).toBe(false)
    expect(c.ended).not.toHaveBeenCalled()
  })

  it('says something plain when a proxy answers for the server', async () => {
    const c = client({ status: 502, headers: {}, body: '<html>Bad gateway</html>' })
    const problem = (await c.get('/v1/me').catch((e) => e)) as Problem
    expect(problem.message).toBe('服务暂时不可用，请稍后再试。')
    expect(problem.passing).toBe(true)
  })

  it('tells that the session has ended', async () => {
    const c = client({ status: 401, headers: {}, body: { code: 'account.no_session', title: '请重新登录' } })
    await expect(c.get('/v1/me')).rejects.toBeInstanceOf(Problem)
    expect(c.ended).toHaveBeenCalledOnce()
  })

  it('takes out a table, or says why not', async () => {
    const c = client({ status: 200, headers: {}, body: undefined }, { status: 422, headers: {}, body: { code: 'report.too_many', title: '符合条件的超过5000件' } }, { status: 401, headers: {}, body: {} })
    await c.take('/v1/proposals/export', { query: { year: 2026, status: 'FILED', mine: false } })
    expect(c.sent[0]).toMatchObject({ url: 'https://api.example.org/v1/proposals/export?year=2026&status=FILED', headers: { Authorization: 'Bearer token' } })
    await expect(c.take('/v1/proposals/export')).rejects.toThrow('符合条件的超过5000件')
    expect(c.ended).not.toHaveBeenCalled()
    await expect(c.take('/v1/proposals/export')).rejects.toBeInstanceOf(Problem)
    expect(c.ended).toHaveBeenCalledOnce()
  })

  it('is typed by the document', () => {
    const c = client()
    const never = async () => {
      // @ts-expect-error a path that is not there
      await c.get('/v1/nothing')
      // @ts-expect-error a body is due
      await c.post('/v1/login')
      // @ts-expect-error a parameter of the path is due
      await c.get('/v1/suggestions/{id}')
      // @ts-expect-error no such field
      return (await c.get('/v1/me')).nothing
    }
    expect(never).toBeTypeOf('function')
  })
})
