package app

import (
	"context"
	"errors"

	"yanlu/internal/safety"
	"yanlu/internal/wechat"
)

// sceneForum is the platform's scene of what people write for others to read:
// 1 is a profile, 2 a comment, 3 a forum, 4 a social log.
const sceneForum = 3

// Ask implements safety.Platform.
func (p platform) Ask(ctx context.Context, q safety.Question) safety.Answer {
	var a safety.Answer
	if q.Address != "" {
		a.Outcome = safety.Awaited
		a.TraceID, a.Cause = p.client.CheckPicture(ctx, q.OpenID, sceneForum, q.Address)
	} else {
		v, err := p.client.CheckText(ctx, q.OpenID, sceneForum, q.Text.Title, q.Text.Body)
		a = safety.Answer{Outcome: safety.Judged, Suggest: safety.Suggest(v.Suggest), Label: v.Label, TraceID: v.TraceID, Cause: err}
	}
	if e, ok := errors.AsType[*wechat.Error](a.Cause); ok {
		a.Code = e.Code
	}
	switch wechat.Classify(a.Cause) {
	case wechat.OK:
	case wechat.NotSeen:
		a.Outcome = safety.NotThere
	case wechat.BadRecipient, wechat.BadField:
		a.Outcome = safety.Hopeless
	case wechat.BadSetup, wechat.Unknown:
		a.Outcome = safety.Broken
	default:
		a.Outcome = safety.Later
	}
	return a
}

// verdictOf is a verdict on a picture as safety books it.
func verdictOf(v wechat.MediaVerdict) safety.Verdict {
	return safety.Verdict{TraceID: v.TraceID, Suggest: safety.Suggest(v.Suggest), Label: v.Label, ErrorCode: v.ErrCode}
}
