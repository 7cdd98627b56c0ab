/** Keys with a modifier; what an input method is composing is never taken from it. */

import { onBeforeUnmount, onMounted } from 'vue'

type Do = () => void

/** 'Alt+Digit1', 'Mod+Enter' (Ctrl, or Command on a Mac), 'Mod+Shift+Enter'; Digit and letter keys by place. */
export type Keys = Record<string, Do>

export function name(event: KeyboardEvent): string {
  const held = [event.altKey && 'Alt', (event.ctrlKey || event.metaKey) && 'Mod', event.shiftKey && 'Shift']
  return [...held.filter(Boolean), event.code === 'NumpadEnter' ? 'Enter' : event.code].join('+')
}

export function handle(keys: Keys, event: KeyboardEvent): void {
  if (event.isComposing || event.keyCode === 229 || event.repeat) return
  const found = keys[name(event)]
  if (!found) return
  event.preventDefault()
  found()
}

/** While the component is there. */
export function useHotkeys(keys: Keys): void {
  const listen = (event: KeyboardEvent) => handle(keys, event)
  onMounted(() => window.addEventListener('keydown', listen))
  onBeforeUnmount(() => window.removeEventListener('keydown', listen))
}
