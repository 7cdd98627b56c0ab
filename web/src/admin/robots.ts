/** Group robots as the service tells them; it never tells their addresses. */

import type { Role } from '../session'

export const PLATFORMS = ['wecom', 'dingtalk', 'feishu'] as const
export const ROLES: Role[] = ['executive', 'admin', 'lead', 'agent']

export interface Robot {
  id: string
  name: string
  platform: (typeof PLATFORMS)[number]
  receivers: string[]
  active: boolean
  trouble: { code: string; zh: string; en: string } | null
  next_try: string | null
  last: string | null
  version: number
}

export interface RobotDraft {
  name: string
  platform: Robot['platform']
  receivers: string[]
  address: string
  secret: string
}

export type WrongField = 'name' | 'address' | 'receivers'

/** The first field that cannot be sent; a known robot keeps its address when none is given. */
export function wrongField(draft: RobotDraft, fresh: boolean): WrongField | undefined {
  if (!draft.name.trim()) return 'name'
  if ((fresh || draft.address.trim()) && !/^https:\/\/\S+$|^http:\/\/(127\.0\.0\.1|localhost)[:/]\S*$/.test(draft.address.trim())) return 'address'
  return draft.receivers.length ? undefined : 'receivers'
}

/** What is sent; of a known robot the platform stays. */
export function sent(draft: RobotDraft, version: number | undefined): Record<string, unknown> {
  const { name, platform, receivers, address, secret } = draft
  const common = { name: name.trim(), receivers, address: address.trim(), secret: secret.trim() }
  return version === undefined ? { ...common, platform } : { ...common, version }
}
