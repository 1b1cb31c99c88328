# bash driver.sh SAMPLE CASES
. "$1"
body=$(mktemp)
trap 'rm "$body"' EXIT
while IFS=$'\t' read -r -a f; do
  for n in "${!f[@]}"; do [[ ${f[n]} == - ]] && f[n]=; done
  if ((${#f[@]} == 2)); then
    has_token "${f[0]}" "${f[1]}" && echo yes || echo no
  elif [[ ${f[0]} == timestamped ]]; then
    printf %s "${f[4]}" | openssl base64 -d -A >"$body"
    is_genuine "${f[1]}" "$body" "${f[2]}" "${f[3]}" && echo yes || echo no
  elif [[ ${f[0]} == sha256 ]]; then
    printf %s "${f[3]}" | openssl base64 -d -A >"$body"
    is_genuine "${f[1]}" "$body" "${f[2]}" && echo yes || echo no
  else
    printf %s "${f[5]}" | openssl base64 -d -A >"$body"
    is_genuine "${f[0]}" "${f[1]}" "${f[2]}" "$body" "${f[3]}" "${f[4]}" && echo yes || echo no
  fi
done <"$2"
