import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { connect, get } from '../src/api'

let token = ''
const expired = vi.fn<() => Promise<boolean>>()
const refuse = () => new Response('{"error":{"code":"token"}}', { status: 401 })
const sent = (): unknown[] => vi.mocked(fetch).mock.calls.map(([, how]) => (how!.headers as Record<string, string>).Authorization)

beforeEach(() => {
  token = 'old'
  expired.mockReset()
  connect({ token: () => token, expired })
})
afterEach(() => vi.unstubAllGlobals())

it('asks for the password where the token is refused, and then sends it again', async () => {
  vi.stubGlobal('fetch', vi.fn().mockResolvedValueOnce(refuse()).mockResolvedValueOnce(new Response('{"n":1}')))
  expired.mockImplementation(async () => Boolean((token = 'new')))
  expect(await get('/notices')).toEqual({ n: 1 })
  expect(sent()).toEqual(['Bearer old', 'Bearer new'])
})

it('does not ask again for an answer that was on its way while somebody signed in', async () => {
  const late = async () => ((token = 'new'), refuse())
  vi.stubGlobal('fetch', vi.fn().mockImplementationOnce(late).mockResolvedValueOnce(new Response('{"n":1}')))
  expect(await get('/notices')).toEqual({ n: 1 })
  expect(sent()).toEqual(['Bearer old', 'Bearer new'])
  expect(expired).not.toHaveBeenCalled()
})

it('sends nothing again for somebody who has signed out meanwhile', async () => {
  vi.stubGlobal('fetch', vi.fn().mockImplementationOnce(async () => ((token = ''), refuse())))
  expired.mockResolvedValue(false)
  await expect(get('/notices')).rejects.toMatchObject({ status: 401 })
  expect(sent()).toEqual(['Bearer old'])
})
