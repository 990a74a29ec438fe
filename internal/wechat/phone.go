package wechat

import (
	"context"
	"regexp"

	"github.com/silenceper/wechat/v2/util"
)

var (
	phoneCodePattern = regexp.MustCompile(`^[!-~]{1,256}$`)
	numberPattern    = regexp.MustCompile(`^[0-9]{5,15}$`)
	countryPattern   = regexp.MustCompile(`^[0-9]{1,4}$`)
)

// phoneAnswer is the answer of getuserphonenumber. The platform's example has a
// country code that is a number, its text one that is a string.
type phoneAnswer struct {
	util.CommonError
	PhoneInfo struct {
		PurePhoneNumber text `json:"purePhoneNumber"`
		CountryCode     text `json:"countryCode"`
		Watermark       struct {
			AppID string `json:"appid"`
		} `json:"watermark"`
	} `json:"phone_info"`
}

// Phone exchanges the code of a getPhoneNumber button for the number that the
// user has bound to WeChat: the bare number for +86 ("13800138000"), else E.164
// ("+85291234567"). The code is one of its own, not the login code; it works
// once and for five minutes, and only for the user whose openid is given.
//
// The platform offers this to verified accounts that are not personal, and has
// it paid beyond the first thousand: there must be another way to bind. Failures
// are BadCode, BadRecipient, BadSetup, Token, Busy or Unknown.
func (c *Client) Phone(ctx context.Context, code, openID string) (string, error) {
	if !phoneCodePattern.MatchString(code) {
		return "", refuse("phone", BadCode, "the code is malformed")
	}
	if !openIDPattern.MatchString(openID) {
		return "", refuse("phone", BadRecipient, "the openid is malformed")
	}
	var answer phoneAnswer
	err := c.withToken(ctx, "phone", func(ctx context.Context, token string) error {
		request := map[string]string{"code": code, "openid": openID}
		answer = phoneAnswer{}
		if err := post(ctx, "wxa/business/getuserphonenumber", token, request, &answer); err != nil {
			return c.fail("phone", err, token, code)
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	info := answer.PhoneInfo
	if info.Watermark.AppID != "" && info.Watermark.AppID != c.cfg.AppID {
		return "", refuse("phone", BadSetup, "the number was given to another mini-program")
	}
	number, country := string(info.PurePhoneNumber), string(info.CountryCode)
	if !numberPattern.MatchString(number) || !countryPattern.MatchString(country) {
		return "", refuse("phone", Busy, "the answer has no number")
	}
	if country == "86" {
		return number, nil
	}
	return "+" + country + number, nil
}
