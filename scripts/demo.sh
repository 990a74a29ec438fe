#!/usr/bin/env bash
# Walks one 微建议 through the API as a member, the office and two units, and
# prints what happens, with the push at the end.
#
# Usage: scripts/demo.sh [http://127.0.0.1:8080]
# Without an address it starts a demo of its own in a folder that it throws
# away. YANLU_BIN names a built program; else it is built. Needs bash and curl.
set -euo pipefail
cd "$(dirname "$0")/.."

base=${1:-}
if [ -z "$base" ]; then
  folder=$(mktemp -d)
  bin=${YANLU_BIN:-}
  if [ -z "$bin" ]; then bin=$folder/yanlu; go build -o "$bin" .; fi
  port=$((20000 + RANDOM % 20000))
  base=http://127.0.0.1:$port
  env -u YANLU_BIN YANLU_LISTEN="127.0.0.1:$port" YANLU_DATABASE_URL="sqlite:$folder/yanlu.db" "$bin" demo >"$folder/log" 2>&1 &
  server=$!
  trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
  for _ in $(seq 100); do curl -sf "$base/readyz" >/dev/null && break; sleep 0.1; done
  curl -sf "$base/readyz" >/dev/null || { cat "$folder/log"; echo "the demo did not start" >&2; exit 1; }
fi

step=0
say() { step=$((step + 1)); printf '\n%2d. %s\n' "$step" "$*"; }

# field NAME: the first value of a field in the JSON on standard input.
field() { grep -o "\"$1\":\"\\{0,1\\}[^\",}]*" | head -n 1 | sed "s/^\"$1\":\"\\{0,1\\}//"; }

# ask TOKEN METHOD PATH [BODY]: calls the API; a refusal ends the walk.
ask() {
  local token=$1 method=$2 path=$3 body=${4:-} answer
  answer=$(curl -sS --fail-with-body -X "$method" "$base$path" -H "Authorization: Bearer $token" \
    -H "Idempotency-Key: demo-$$-$(date +%s%N)-$BASHPID" ${body:+-H 'Content-Type: application/json' --data "$body"}) ||
    { printf 'refused: %s %s\n%s\n' "$method" "$path" "$answer" >&2; exit 1; }
  printf '%s' "$answer"
}

people=$(curl -sSf "$base/demo/people" | sed 's/},{/}\n{/g')
person() { printf '%s\n' "$people" | grep "\"name\":\"$1\"" | field id; }

# login NAME: logs in with NAME's telephone, binds the first time; prints the token.
login() {
  local id code answer token
  id=$(person "$1")
  code=$(curl -sSf -X POST "$base/demo/people/$id/login-code" | field code)
  answer=$(curl -sSf -X POST "$base/v1/login" -H 'Content-Type: application/json' --data "{\"code\":\"$code\",\"device\":\"demo.sh\"}")
  token=$(printf '%s' "$answer" | field token)
  if [ "$(printf '%s' "$answer" | field bound)" = false ]; then
    code=$(curl -sSf -X POST "$base/demo/people/$id/phone-code" | field code)
    curl -sSf -X POST "$base/v1/bindings/phone" -H "Authorization: Bearer $token" -H 'Content-Type: application/json' --data "{\"code\":\"$code\"}" >/dev/null
  fi
  printf '%s' "$token"
}

say "委员古丽娜尔·艾山、信息科王静、水利局阿依努尔·买买提、住建局陈一帆用微信登录，第一次用手机号绑定身份"
member=$(login 古丽娜尔·艾山)
staff=$(login 王静)
lead=$(login 阿依努尔·买买提)
co=$(login 陈一帆)
echo "    $(ask "$member" GET /v1/me | grep -o '"label":"[^"]*"' | head -n 1)"

say "委员允许一条答复通知，提交微建议"
template=$(ask "$member" GET /v1/templates | field template_id)
curl -sSf -X POST "$base/demo/people/$(person 古丽娜尔·艾山)/consents" >/dev/null
ask "$member" POST /v1/grants "{\"consents\":[{\"template_id\":\"$template\",\"accepted\":true}]}" >/dev/null
answer=$(ask "$member" POST /v1/suggestions '{"title":"疏通东渠下游淤堵段","body":"东渠下游两公里淤堵严重，春灌时水到不了地头，建议在开春前清淤，并在渠口加装拦污栅。","category":"AGRICULTURE","place":"东渠下游"}')
id=$(printf '%s' "$answer" | field id)
echo "    $(printf '%s' "$answer" | field status_label)"

version() { ask "$staff" GET "/v1/suggestions/$id" | field version; }

say "工作人员的待办里有它"
ask "$staff" GET /v1/work | grep -o '"todo":"[^"]*"' | tail -n 1 | sed 's/^/    /'

say "受理"
answer=$(ask "$staff" POST "/v1/suggestions/$id/accept" "{\"version\":$(version),\"route\":\"DIRECT_UNIT\"}")
echo "    $(printf '%s' "$answer" | field status_label)"

say "转办：水利局主办，住建局会办，10个工作日"
units=$(ask "$staff" GET /v1/units | sed 's/},{/}\n{/g')
unit() { printf '%s\n' "$units" | grep "$1" | field id; }
answer=$(ask "$staff" POST "/v1/suggestions/$id/dispatch" \
  "{\"version\":$(version),\"lead_unit_id\":\"$(unit 水利局)\",\"co_unit_ids\":[\"$(unit 住房)\"],\"working_days\":10,\"requirement\":\"请实地查看后答复。\"}")
echo "    $(printf '%s' "$answer" | field number) $(printf '%s' "$answer" | field status_label)"

# assignment TOKEN: the assignment that waits for who holds the token.
assignment() { ask "$1" GET /v1/work | sed 's/},{/}\n{/g' | grep "$id" | field assignment_id; }
lead_id=$(assignment "$lead")
co_id=$(assignment "$co")

say "两个单位签收"
ask "$lead" POST "/v1/assignments/$lead_id/sign_for" '{"version":1,"handler_name":"阿依努尔·买买提","handler_phone":"0991-5550102"}' >/dev/null
ask "$co" POST "/v1/assignments/$co_id/sign_for" '{"version":1,"handler_name":"陈一帆","handler_phone":"0991-5550101"}' >/dev/null

say "住建局提交会办意见，水利局答复"
ask "$co" POST "/v1/assignments/$co_id/give_opinion" '{"version":2,"body":"渠口道路由我局配合封闭，三天内可办。"}' >/dev/null
ask "$lead" POST "/v1/assignments/$lead_id/reply" '{"version":2,"outcome":"A","body":"已于本周完成清淤，并加装拦污栅两处，欢迎您到现场查看。","contact_name":"阿依努尔·买买提","contact_phone":"0991-5550102","way":"VISIT"}' >/dev/null

say "工作人员审查通过，答复送达"
ask "$staff" POST "/v1/assignments/$lead_id/pass" '{"version":3}' >/dev/null
for _ in $(seq 50); do
  pushes=$(curl -sSf "$base/demo/pushes")
  case $pushes in *已解决*) break ;; esac
  sleep 0.2
done
case $pushes in *已解决*) ;; *) echo "no push went out" >&2; exit 1 ;; esac
echo "    推送：$(printf '%s' "$pushes" | sed 's/},{/}\n{/g' | head -n 1)"
echo "    未读：$(ask "$member" GET /v1/inbox/count)"

say "委员评价"
answer=$(ask "$member" POST "/v1/suggestions/$id/rate" "{\"version\":$(version),\"attitude\":\"SATISFIED\",\"result\":\"SATISFIED\",\"comment\":\"办得快，谢谢。\"}")
echo "    $(printf '%s' "$answer" | field status_label)"

say "这件微建议的全过程"
ask "$member" GET "/v1/suggestions/$id" | grep -o '"timeline":\[[^]]*\]' | sed 's/},{/}\n{/g' |
  sed 's/.*"at":"\([^"]*\)".*"label":"\([^"]*\)".*/    \1 \2/'
echo
