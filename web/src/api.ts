/** One way to the service: JSON in and out, the token in a header, refusals as `Refused`. */

export interface Problem {
  code: string
  zh: string
  en: string
  where: string
}

/** What the service refused, or that it could not be reached (status 0). */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem,
  ) {
    super(problem.code)
  }
}

export type Query = Record<string, string | number | boolean | undefined>

interface Ways {
  token(): string
  /** The token is not (any more) valid: somebody has to sign in again; true when that was done. */
  expired(): Promise<boolean>
}

let ways: Ways = { token: () => '', expired: async () => false }

export function connect(given: Ways): void {
  ways = given
}

export const get = <T>(path: string, query: Query = {}) => call<T>('GET', path + asked(query))
export const post = <T>(path: string, body?: unknown) => call<T>('POST', path, body)
export const put = <T>(path: string, body?: unknown) => call<T>('PUT', path, body)
export const patch = <T>(path: string, body?: unknown) => call<T>('PATCH', path, body)

/** Reading that nobody asked for, such as looking again from time to time: it never asks for the password. */
export const glance = async <T>(path: string, query: Query = {}) => read<T>(await send('GET', path + asked(query)))

/** A file of the service, such as minutes or a table. */
export const file = async (path: string, query: Query = {}) => {
  const answer = await answered('GET', path + asked(query))
  if (!answer.ok) await read(answer)
  return answer.blob()
}

/** ?a=1&b=2 of what is given. */
export function asked(query: Query): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '')
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()
  return text && `?${text}`
}

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  return read<T>(await answered(method, path, body))
}

async function answered(method: string, path: string, body?: unknown): Promise<Response> {
  const token = ways.token()
  const answer = await send(method, path, body)
  if (!(await unknown(answer))) return answer
  // Where somebody has signed in again since it was asked, they are not asked once more.
  const renewed = ways.token() !== '' && ways.token() !== token
  return renewed || (await ways.expired()) ? send(method, path, body) : answer
}

/** Whether the token is refused; a wrong password is another matter. */
async function unknown(answer: Response): Promise<boolean> {
  if (answer.status !== 401) return false
  const said = (await answer.clone().json().catch(() => undefined)) as { error?: Problem } | undefined
  return said?.error?.code !== 'sign_in'
}

async function send(method: string, path: string, body?: unknown): Promise<Response> {
  const headers: Record<string, string> = {}
  if (body !== undefined) headers['Content-Type'] = 'application/json'
  // Signing in with an old token would be refused for the token's sake.
  if (ways.token() && !(method === 'POST' && path === '/session')) headers.Authorization = `Bearer ${ways.token()}`
  try {
    return await fetch(`api${path}`, {
      method,
      headers,
      cache: 'no-store',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  } catch {
    throw new Refused(0, UNREACHED)
  }
}

async function read<T>(answer: Response): Promise<T> {
  let said: unknown
  try {
    said = await answer.json()
  } catch {
    throw new Refused(answer.status, UNREADABLE)
  }
  if (!answer.ok) throw new Refused(answer.status, (said as { error?: Problem }).error ?? UNREADABLE)
  return said as T
}

const UNREACHED: Problem = {
  code: 'unreached',
  zh: '连不上服务；输入还在，请稍后再试',
  en: 'The service cannot be reached; what you typed is kept, try again later',
  where: '',
}
const UNREADABLE: Problem = {
  code: 'unreadable',
  zh: '服务的回答读不懂，请稍后再试',
  en: 'The answer of the service cannot be read; try again later',
  where: '',
}
