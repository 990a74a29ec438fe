package wechat

import (
	"context"
	"slices"
	"strings"

	"github.com/silenceper/wechat/v2/miniprogram/security"
)

// maxPiece is the most characters that the platform checks in one call.
const maxPiece = 2500

// Suggest is what the platform's check advises.
type Suggest string

// The platform's three advices, from the best to the worst.
const (
	Pass   Suggest = "pass"
	Review Suggest = "review"
	Risky  Suggest = "risky"
)

// worse orders the advices.
var worse = map[Suggest]int{Pass: 1, Review: 2, Risky: 3}

// Verdict is what the platform thinks of a text. A machine marks, staff decide.
// Label is the platform's: 100 normal, 10001 advertising, 20001 politics, 20002
// pornography, 20003 abuse, 20006 crime, 20008 fraud, 20012 vulgar, 20013
// copyright, 21000 other. TraceID names the check in the platform's records.
type Verdict struct {
	Suggest Suggest
	Label   int
	TraceID string
}

// CheckText asks the platform about a text (msg_sec_check, version 2). The scene
// is 1 profile, 2 comment, 3 forum, 4 social log. The user of the openid must
// have been in the mini-program within two hours, or the failure is NotSeen.
//
// The platform checks at most 2,500 characters at once, and passes long texts
// whose parts it would not: so the text goes in pieces of at most 2,500
// characters, cut at the end of a line or a sentence where there is one nearby,
// the title with the first, and the worst verdict wins. A risky piece ends the
// check. Each piece is one call with its own time-out; the context bounds them
// all. A blank text with a blank title passes without a call.
//
// A risky text is a verdict and no error. An error means that there is no
// verdict: keep the matter and check again later. An advice that is new to us
// counts as review. Failures are NotSeen, BadRecipient, BadField, Token, Busy or
// Unknown.
func (c *Client) CheckText(ctx context.Context, openID string, scene int, title, text string) (Verdict, error) {
	if !openIDPattern.MatchString(openID) {
		return Verdict{}, refuse("check", BadRecipient, "the openid is malformed")
	}
	if scene < 1 || scene > 4 {
		return Verdict{}, refuse("check", BadField, "the scene must be 1 to 4")
	}
	title, text = strings.ToValidUTF8(title, ""), strings.ToValidUTF8(text, "")
	if isBlank(text) {
		title, text = "", title
	}
	if isBlank(text) {
		return Verdict{Suggest: Pass, Label: 100}, nil
	}
	if heads := pieces(title); len(heads) > 1 { // a title that long is text
		title, text = "", title+"\n"+text
	}
	var worst Verdict
	for i, piece := range pieces(text) {
		if i > 0 {
			title = ""
		}
		verdict, err := c.checkPiece(ctx, openID, scene, title, piece)
		if err != nil {
			return Verdict{}, err
		}
		if worse[verdict.Suggest] > worse[worst.Suggest] {
			worst = verdict
		}
		if worst.Suggest == Risky {
			break
		}
	}
	return worst, nil
}

func (c *Client) checkPiece(ctx context.Context, openID string, scene int, title, text string) (Verdict, error) {
	request := &security.MsgCheckRequest{OpenID: openID, Scene: security.MsgScene(scene), Content: text, Title: title}
	var answer security.MsgCheckResponse
	err := c.withToken(ctx, "check", func(ctx context.Context, token string) (err error) {
		answer, err = security.NewSecurity(c.mini(token)).MsgCheckContext(ctx, request)
		return err
	})
	if err != nil {
		return Verdict{}, err
	}
	verdict := Verdict{
		Suggest: Suggest(answer.Result.Suggest), Label: int(answer.Result.Label), TraceID: answer.TraceID,
	}
	switch verdict.Suggest {
	case Pass, Review, Risky:
	case "":
		return Verdict{}, refuse("check", Busy, "the answer has no verdict")
	default:
		verdict.Suggest = Review
	}
	return verdict, nil
}

func isBlank(s string) bool { return strings.TrimSpace(s) == "" }

// pieces cuts a text into pieces of at most maxPiece characters that make up the
// whole, but for blank ones, which the platform would refuse. It cuts after the last line's or sentence's end in a piece's last fifth,
// so that no sentence slips through in two harmless halves.
func pieces(s string) []string {
	runes := []rune(s)
	var cut []string
	for len(runes) > maxPiece {
		end := maxPiece
		for i := maxPiece; i > maxPiece*4/5; i-- {
			if strings.ContainsRune("\n。！？；!?;", runes[i-1]) {
				end = i
				break
			}
		}
		cut = append(cut, string(runes[:end]))
		runes = runes[end:]
	}
	cut = append(cut, string(runes))
	return slices.DeleteFunc(cut, isBlank)
}
