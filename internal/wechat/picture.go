package wechat

import (
	"context"
	"errors"
	"net/url"

	"github.com/silenceper/wechat/v2/miniprogram/security"
)

// maxAddress is the most bytes of the address of a picture.
const maxAddress = 2048

// picture is the platform's media type.
const picture = 2

// CheckPicture asks the platform to look at a picture (media_check_async,
// version 2, media type 2), which it fetches by itself from the address: https,
// reachable for anybody who has it, for as long as half an hour; at most 10 MB.
// Towards a simulator http on loopback is good as well. The scene and the openid
// are those of CheckText.
//
// It returns the trace under which EventMedia brings the verdict, within half an
// hour; that may be before this call returns. A picture that is refused at once
// is not told apart from a failure. Failures are NotSeen, BadRecipient, BadField,
// BadSetup (the address), Token, Busy or Unknown; after a Busy a verdict may come
// whose trace nobody knows.
func (c *Client) CheckPicture(ctx context.Context, openID string, scene int, address string) (string, error) {
	if err := checkable("picture", openID, scene); err != nil {
		return "", err
	}
	if !c.fetchable(address) {
		return "", refuse("picture", BadSetup, "the picture's address must be https")
	}
	request := &security.MediaCheckAsyncRequest{MediaURL: address, MediaType: picture, OpenID: openID, Scene: uint8(scene)}
	var trace string
	err := c.withToken(ctx, "picture", func(ctx context.Context, token string) (err error) {
		trace, err = security.NewSecurity(c.mini(token)).MediaCheckAsyncContext(ctx, request)
		return err
	})
	if e, ok := errors.AsType[*Error](err); ok {
		e.Message = scrub(e.Message, address) // whoever has it may fetch the picture
	}
	if err != nil {
		return "", err
	}
	if trace == "" || len(trace) > maxTrace {
		return "", refuse("picture", Busy, "the answer has no trace")
	}
	return trace, nil
}

// maxTrace is the most bytes of a trace; the platform's have some thirty.
const maxTrace = 128

func (c *Client) fetchable(address string) bool {
	u, err := url.Parse(address)
	if err != nil || len(address) > maxAddress || u.Host == "" || u.User != nil || u.Fragment != "" {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && c.route.base != nil && isLoopback(u.Hostname())
}
