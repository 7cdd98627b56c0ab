/** Where contacts come in. */

import { t } from './words'

export const CHANNELS = ['phone', 'chat', 'email', 'web', 'wechat', 'wecom', 'store', 'app', 'social', 'survey', '12315']

export function channelName(channel: string): string {
  return CHANNELS.includes(channel) ? t(`channel_${channel}` as 'channel_phone') : channel
}
