package report

import (
	"context"
	"slices"
	"time"

	"yanlu/internal/handling"
	"yanlu/internal/matter"
	"yanlu/internal/member"
)

// Handed is a matter of a hand-over list (交办清单).
type Handed struct {
	MatterID string
	Kind     matter.Kind
	Number   *string
	Title    string
	Units    []handling.Share // who answers first
	DueAt    *time.Time       // of the answer, or, for a co-unit that reads its own lines alone, of its opinion
}

// Signature is a unit that signs for its part of a hand-over list.
type Signature struct {
	UnitName string
	Answers  int // matters to which it answers
	Opinions int // matters for which it gives its opinion to another unit
}

// HandoverList is what was given at a meeting, as far as the actor reads it, by matter
// in the order in which it was given, and the units that sign for it: a unit reads what
// it was given, and signs for itself. Units that have given a matter back are not in
// it. ErrTooMany tells that it is too long, and see handling.Service.HandoverLines.
func (s *Service) HandoverList(ctx context.Context, a member.Actor, id string) (handling.Handover, []Handed, []Signature, error) {
	var all []handling.HandoverLine
	after := ""
	for {
		h, lines, err := s.handling.HandoverLines(ctx, a, id, after, batch)
		if err != nil {
			return h, nil, nil, err
		}
		if all = append(all, lines...); len(all) > MaxRows {
			return h, nil, nil, ErrTooMany
		}
		if len(lines) < batch {
			handed, signatures := byMatter(all)
			return h, handed, signatures, nil
		}
		after = lines[len(lines)-1].ID
	}
}

// byMatter turns what each unit was given into what was given, and who signs for it.
func byMatter(lines []handling.HandoverLine) ([]Handed, []Signature) {
	var handed []Handed
	var signatures []Signature
	places, signers := map[string]int{}, map[string]int{}
	for _, l := range lines {
		own := slices.IndexFunc(l.Beside, func(x handling.Share) bool { return x.UnitID == l.UnitID })
		if own < 0 { // it was given back
			continue
		}
		i, known := places[l.MatterID]
		if !known {
			i = len(handed)
			places[l.MatterID] = i
			handed = append(handed, Handed{l.MatterID, l.Kind, l.Number, l.Title, l.Beside, l.DueAt})
		} else if l.Role != handling.Co {
			handed[i].DueAt = l.DueAt
		}
		j, known := signers[l.UnitID]
		if !known {
			j = len(signatures)
			signers[l.UnitID] = j
			signatures = append(signatures, Signature{UnitName: l.UnitName})
		}
		if l.Role == handling.Co {
			signatures[j].Opinions++
		} else {
			signatures[j].Answers++
		}
	}
	return handed, signatures
}
