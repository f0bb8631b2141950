var settings = {
    "url": "https://api.asgardeo.io/t/<organization_name>/oauth2/revoke",
    "method": "POST",
    "timeout": 0,
    "headers": {
        "Content-Type": "application/x-www-form-urlencoded"
    },
    "data": {
        "token": "{token}",
        "token_type": "{token_type}",
        "client_id": "{client_id}"
    }
};

$.ajax(settings).done(function (response) {
    console.log(response);
});
