/** Whether there is room for a few columns only: a phone, or a page that is zoomed in on. */

import { onBeforeUnmount, onMounted, ref, type Ref } from 'vue'

const QUERY = '(max-width: 720px)'

export function useNarrow(): Ref<boolean> {
  const asked = window.matchMedia(QUERY)
  const narrow = ref(asked.matches)
  const listen = () => (narrow.value = asked.matches)
  onMounted(() => asked.addEventListener('change', listen))
  onBeforeUnmount(() => asked.removeEventListener('change', listen))
  return narrow
}
