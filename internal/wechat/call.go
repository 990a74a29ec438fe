package wechat

import (
	"context"
	"net/url"
	"time"

	"github.com/silenceper/wechat/v2/credential"
	"github.com/silenceper/wechat/v2/miniprogram/config"
	library "github.com/silenceper/wechat/v2/miniprogram/context"
	"github.com/silenceper/wechat/v2/util"
)

// host is where the platform's calls go; the gate rewrites it for a simulator.
const host = "https://api.weixin.qq.com"

// withToken runs do with an access token. When the platform refuses the token
// (40001, 42001, 40014), it is dropped and do runs exactly once more with a new
// one. Other failures are not tried again here: whether that is right depends on
// the call.
func (c *Client) withToken(ctx context.Context, op string, do func(ctx context.Context, token string) error) error {
	for first := true; ; first = false {
		token, err := c.tokens.GetAccessTokenContext(ctx)
		if err != nil {
			return c.fail("token", err)
		}
		err = c.try(ctx, token, do)
		if err == nil {
			return nil
		}
		failure := c.fail(op, err, token)
		if !first || failure.class != Token {
			return failure
		}
		c.tokens.drop(ctx, token)
	}
}

func (c *Client) try(ctx context.Context, token string, do func(context.Context, string) error) error {
	ctx, cancel := c.call(ctx)
	defer cancel()
	return do(ctx, token)
}

// post sends one JSON request and decodes the answer into out, a pointer to a
// struct that embeds util.CommonError; an errcode other than zero is returned as
// a *util.CommonError. An empty token is left out of the URL.
func post(ctx context.Context, path, token string, in, out any) error {
	address := host + "/" + path
	if token != "" {
		address += "?access_token=" + url.QueryEscape(token)
	}
	answer, err := util.PostJSONContext(ctx, address, in)
	if err != nil {
		return err
	}
	return util.DecodeWithError(answer, out, path)
}

// fetchToken asks stable_token for the access token and its remaining life. Its
// error is an *Error already.
func (c *Client) fetchToken(ctx context.Context) (string, time.Duration, error) {
	ctx, cancel := c.call(ctx)
	defer cancel()
	request := map[string]any{
		"grant_type": "client_credential", "appid": c.cfg.AppID, "secret": c.cfg.Secret, "force_refresh": false,
	}
	var answer credential.ResAccessToken
	if err := post(ctx, "cgi-bin/stable_token", "", request, &answer); err != nil {
		return "", 0, c.fail("token", err)
	}
	if answer.AccessToken == "" || answer.ExpiresIn <= 0 {
		return "", 0, refuse("token", Busy, "the answer has no token")
	}
	return answer.AccessToken, time.Duration(answer.ExpiresIn) * time.Second, nil
}

// mini returns the library's context of one try, bound to one token.
func (c *Client) mini(token string) *library.Context {
	return &library.Context{
		Config:                   &config.Config{AppID: c.cfg.AppID, AppSecret: c.cfg.Secret},
		AccessTokenContextHandle: pinned(token),
	}
}
