import { words, type Pair } from '../ui'
import { TABLE as shared } from './words'

export const TABLE = {
  ...shared,
  channels: ['渠道与密钥', 'Channels and keys'],
  keys: ['来源系统的密钥', 'Keys of source systems'],
  keysHint: ['呼叫中心、网店等自动送联络进来时用；只能送联络，看不到也改不了任何东西', 'For systems that send contacts in by themselves; with a key one can hand contacts in, see nothing and change nothing'],
  keysNone: ['还没有密钥。人记联络不用密钥，登录就行。', 'No keys yet. People who log contacts need none: they sign in.'],
  source: ['来源', 'Source'],
  sourceHint: ['如：呼叫中心、网店客服系统', 'Such as call centre, online shop'],
  makeKey: ['建密钥', 'Make a key'],
  made: ['谁、何时建的', 'Made by, when'],
  lastUsed: ['最后一天用', 'Last used'],
  neverUsed: ['还没用过', 'never used'],
  revoked: ['{by} 于 {at} 撤销', 'revoked by {by} {at}'],
  inUse: ['有效', 'in force'],
  revoke: ['撤销', 'Revoke'],
  revokeTitle: ['撤销“{name}”的密钥', 'Revoke the key of “{name}”'],
  revokeLost: ['它再送来的联络会被拒绝，直到换上新密钥。已经收下的都还在。', 'What it sends from now on is refused until it has a new key. What came in stays.'],
  revokedDone: ['“{name}”的密钥已撤销', 'The key of “{name}” is revoked'],
  keyOnce: ['密钥只显示这一次，请现在放进“{name}”的配置：', 'This key is shown this once; put it into the settings of “{name}” now:'],
  keyAfter: ['请求头 Authorization: Bearer 加上它，POST 到 {address}（一次一条）或 {address}/bulk（最多 1,000 条）。', 'Send it as Authorization: Bearer …, POST to {address} (one) or {address}/bulk (up to 1,000).'],
  newKeyFor: ['“{name}”的密钥', 'The key of “{name}”'],
  rates: ['各渠道的成本', 'What a contact costs by channel'],
  ratesHint: ['处理时长 × 每小时费率 + 每条固定费用；没有时长时按通常时长。只影响以后打标的联络', 'Handling time × hourly rate + a fixed part; without a time the usual one. For contacts read from now on'],
  perHour: ['每小时（元）', 'Per hour (yuan)'],
  fixed: ['每条固定（元）', 'Fixed (yuan)'],
  usual: ['通常时长（秒）', 'Usual time (s)'],
  default: ['其他渠道', 'All others'],
  asDefault: ['同其他渠道', 'as all others'],
  own: ['单独设', 'Set apart'],
  saveRates: ['保存成本', 'Save costs'],
  amountWrong: ['请填 0 或正数', 'Give 0 or more'],
  overtaken: ['别人刚改过设置；您填的还在，再保存就以您的为准。', 'Somebody else has just changed the settings; what you entered is kept, saving again puts it in force.'],
} as const satisfies Record<string, Pair>

export const t = words(TABLE)
