rescind client create --tenant bifrost --client-id spa --public --name "My app" --scope "openid notes" \
  --grant-type authorization_code --grant-type refresh_token \
  --redirect-uri http://localhost:3000/ --post-logout-redirect-uri http://localhost:3000/ \
  --allowed-origin http://localhost:3000
