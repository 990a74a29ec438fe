package opinion

import (
	"context"

	"github.com/sergi/go-diff/diffmatchpatch"

	"yanlu/internal/member"
)

// Change is what became of a piece of text from one version to another.
type Change string

// The changes.
const (
	Same    Change = "SAME"
	Added   Change = "ADDED"
	Removed Change = "REMOVED"
)

// Piece is a piece of text in a difference.
type Piece struct {
	Change Change
	Text   string
}

// Difference is what two versions differ in, part by part.
type Difference struct {
	From, To                           Version
	Title, Situation, Analysis, Advice []Piece
}

// Compare returns the difference between two versions of a report, for whoever may
// read Versions. From 0 is the author's newest, to 0 the newest of all. ErrVersion
// tells of one that there is not.
func (s *Service) Compare(ctx context.Context, a member.Actor, id string, from, to int) (Difference, error) {
	all, err := s.Versions(ctx, a, id)
	if err != nil {
		return Difference{}, err
	}
	var d Difference
	for _, v := range all {
		if v.Ordinal == from || from == 0 && v.Source == FromAuthor {
			d.From = v
		}
		if v.Ordinal == to || to == 0 {
			d.To = v
		}
	}
	if d.From.Ordinal == 0 || d.To.Ordinal == 0 {
		return Difference{}, ErrVersion
	}
	d.Title, d.Situation = differ(d.From.Title, d.To.Title), differ(d.From.Situation, d.To.Situation)
	d.Analysis, d.Advice = differ(d.From.Analysis, d.To.Analysis), differ(d.From.Advice, d.To.Advice)
	return d, nil
}

// differ compares two texts by characters, and gathers what was changed into
// pieces that people can read: single characters that happen to be the same in
// between do not part them.
func differ(from, to string) []Piece {
	d := diffmatchpatch.New()
	d.DiffTimeout = 0 // the texts are short; a limit by the clock would make the answer a matter of luck
	pieces := []Piece{}
	for _, x := range d.DiffCleanupSemantic(d.DiffMainRunes([]rune(from), []rune(to), false)) {
		change := map[diffmatchpatch.Operation]Change{diffmatchpatch.DiffEqual: Same, diffmatchpatch.DiffInsert: Added, diffmatchpatch.DiffDelete: Removed}[x.Type]
		pieces = append(pieces, Piece{change, x.Text})
	}
	return pieces
}
