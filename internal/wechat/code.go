package wechat

import (
	"bytes"
	"context"
	"regexp"

	"github.com/silenceper/wechat/v2/util"
)

// codeWidth is the side of the picture in pixels: enough for 34 mm on paper, and
// some 60 KB.
const codeWidth = 430

// scenePattern is what the platform takes as a scene: 1 to 32 of these.
var scenePattern = regexp.MustCompile(`^[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]{1,32}$`)

// codePage is a page without a slash before it and without parameters.
var codePage = regexp.MustCompile(`^[0-9A-Za-z_-]+(/[0-9A-Za-z_-]+)*$`)

// versions are what the platform calls the versions of a mini-program here;
// a subscribe message calls them otherwise.
var versions = map[string]string{"formal": "release", "trial": "trial", "developer": "develop"}

// Code asks for the mini-program code (小程序码) that opens a page with a scene:
// 1 to 32 characters of [0-9A-Za-z!#$&'()*+,/:;=?@-._~], which the page reads in
// its onLoad. It returns the picture, JPEG or PNG, of at most a megabyte. There
// may be any number of codes, and they never expire; the platform makes 5,000 in
// a minute.
//
// The version that a code opens is the one of the configuration. That its page
// is there is checked by the platform for the released version only, since a page
// to be tried may not be released yet.
//
// Failures are BadField (scene), BadSetup (page, or an account without the
// ability), Token, Busy or Unknown.
func (c *Client) Code(ctx context.Context, scene, page string) ([]byte, error) {
	if !scenePattern.MatchString(scene) {
		return nil, refuse("code", BadField, "the scene is malformed")
	}
	if len(page) > maxPage || !codePage.MatchString(page) {
		return nil, refuse("code", BadSetup, "the page is malformed")
	}
	request := map[string]any{
		"scene": scene, "page": page, "env_version": versions[c.cfg.ProgramState],
		"check_path": c.cfg.ProgramState == "formal", "width": codeWidth,
	}
	var picture []byte
	err := c.withToken(ctx, "code", func(ctx context.Context, token string) error {
		// The library's function takes no context and makes a plain string of a
		// refusal, so that a bad token would not be known for one.
		answer, err := util.PostJSONContext(ctx, host+"/wxa/getwxacodeunlimit?access_token="+token, request)
		if err != nil {
			return err
		}
		if bytes.HasPrefix(answer, []byte("\xff\xd8\xff")) || bytes.HasPrefix(answer, []byte("\x89PNG\r\n\x1a\n")) {
			picture = answer
			return nil
		}
		var failure struct{ util.CommonError }
		if err := util.DecodeWithError(answer, &failure, "getwxacodeunlimit"); err != nil {
			return c.fail("code", err, token, scene)
		}
		return refuse("code", Busy, "the answer is no picture")
	})
	return picture, err
}
