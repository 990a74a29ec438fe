package handling

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"unicode/utf8"

	"yanlu/internal/institution"
	"yanlu/internal/store"
)

// Settings lists what an institution may set of the tail, beside the periods.
func Settings() []institution.AnySetting {
	return []institution.AnySetting{Outcomes(), UrgeEvery(), MutualMarks()}
}

// Outcome is a result of handling (办理结果) as an institution words it. The
// letters and their number differ from place to place: A, B, C, or a D as well.
type Outcome struct {
	Code  string `json:"code"`  // 1–4 capital letters or digits
	Label string `json:"label"` // 2–30 characters
	// Short is what a push message says, in the five characters that a phrase of
	// the platform may have.
	Short string `json:"short"`
	// FollowUp marks what is being solved: it is looked at again the year after.
	FollowUp bool `json:"follow_up,omitempty"`
}

// Outcomes is the list of results from which units choose.
func Outcomes() institution.Setting[[]Outcome] {
	return institution.Setting[[]Outcome]{
		Name: "handling.outcomes", Label: "办理结果", Check: checkOutcomes,
		Default: []Outcome{{"A", "已经解决或采纳", "已解决", false}, {"B", "正在解决或列入计划", "正在解决", true}, {"C", "留作参考", "留作参考", false}},
	}
}

var outcomeCode = regexp.MustCompile(`^[A-Z0-9]{1,4}$`)

func checkOutcomes(all []Outcome) error {
	if len(all) < 1 || len(all) > 10 {
		return errors.New("want 1 to 10 outcomes")
	}
	seen := map[string]bool{}
	for _, o := range all {
		label, short := utf8.RuneCountInString(o.Label), utf8.RuneCountInString(o.Short)
		if !outcomeCode.MatchString(o.Code) || seen[o.Code] || label < 2 || label > 30 || short < 1 || short > 5 {
			return fmt.Errorf("outcome %q is wrong", o.Code)
		}
		seen[o.Code] = true
	}
	return nil
}

// outcomeOf returns the outcome with a code, or ErrOutcome.
func outcomeOf(ctx context.Context, c store.Conn, institutionID, code string) (Outcome, error) {
	all, err := Outcomes().Of(ctx, c, institutionID)
	if err != nil {
		return Outcome{}, err
	}
	return outcomeIn(all, code)
}

// outcomeIn returns the outcome of a list with a code, or ErrOutcome.
func outcomeIn(all []Outcome, code string) (Outcome, error) {
	i := slices.IndexFunc(all, func(o Outcome) bool { return o.Code == code })
	if i < 0 {
		return Outcome{}, ErrOutcome
	}
	return all[i], nil
}

// MutualMarks is whether the unit and the first author mark each other, without
// seeing what the other side says before both are in or the time is up (双向评议).
func MutualMarks() institution.Setting[bool] {
	return institution.Setting[bool]{Name: "handling.mutual_marks", Label: "开展双向评议"}
}

// UrgeEvery is after how many days one may urge again.
func UrgeEvery() institution.Setting[int] {
	return days("handling.urge_every_days", "催办间隔（天）", 3, 60)
}

// days is a setting that is a number of days, from 1 to most.
func days(name, label string, usual, most int) institution.Setting[int] {
	return institution.Setting[int]{Name: name, Label: label, Default: usual, Check: func(n int) error {
		if n < 1 || n > most {
			return fmt.Errorf("%d days are not within 1 to %d", n, most)
		}
		return nil
	}}
}
