package wechat

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
	"github.com/silenceper/wechat/v2/miniprogram/security"
)

const (
	// maxPiece is the most characters that the platform checks in one call.
	maxPiece = 2500
	// condemned is the errcode with which the platform says risky where it gives
	// no result, and otherLabel is then the label.
	condemned, otherLabel = 87014, 21000
)

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
	if err := checkable("check", openID, scene); err != nil {
		return Verdict{}, err
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
	if e, ok := errors.AsType[*Error](err); ok {
		if e.Code == condemned {
			return Verdict{Suggest: Risky, Label: otherLabel}, nil
		}
		e.Message = unquoted(scrub(e.Message, title, text))
	}
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

// unquoted takes out of an error of the platform whatever it may have quoted of a
// text. What it says by itself is ASCII, and the code says as much.
func unquoted(message string) string {
	return strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII {
			return -1
		}
		return r
	}, message)
}

// checkable reports what makes the platform refuse any check.
func checkable(op, openID string, scene int) error {
	if !openIDPattern.MatchString(openID) {
		return refuse(op, BadRecipient, "the openid is malformed")
	}
	if scene < 1 || scene > 4 {
		return refuse(op, BadField, "the scene must be 1 to 4")
	}
	return nil
}

func isBlank(s string) bool { return strings.TrimSpace(s) == "" }

// pieces cuts a text into pieces of at most maxPiece characters that make up the
// whole, but for blank ones, which the platform would refuse.
func pieces(s string) []string {
	var cut []string
	for utf8.RuneCountInString(s) > maxPiece {
		end := border(s)
		cut = append(cut, s[:end])
		s = s[end:]
	}
	return slices.DeleteFunc(append(cut, s), isBlank)
}

// border returns the byte at which the first piece of a long text ends: behind
// the last line's or sentence's end in the piece's last fifth, so that no
// sentence slips through in two harmless halves, or else between two characters
// as people see them. What looks like one character and is longer than a piece
// is cut all the same.
func border(s string) int {
	count, end, sentence, state := 0, 0, 0, -1
	for rest := s; rest != ""; {
		var cluster string
		cluster, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		n := utf8.RuneCountInString(cluster)
		if count+n > maxPiece {
			break
		}
		count, end = count+n, end+len(cluster)
		last, _ := utf8.DecodeLastRuneInString(cluster)
		if count > maxPiece*4/5 && strings.ContainsRune("\n。！？；!?;", last) {
			sentence = end
		}
	}
	switch {
	case sentence > 0:
		return sentence
	case end > 0:
		return end
	}
	for i := range s {
		if count == maxPiece {
			return i
		}
		count++
	}
	return len(s)
}
