package api

import (
	"slices"
	"strings"

	"yanlu/internal/matter"
	"yanlu/internal/member"
)

// handsInView is how somebody may hand in matters of one kind. Those of which they
// may hand in none are absent.
type handsInView struct {
	Kind     string            `json:"kind" example:"opinion"`
	Own      bool              `json:"own" doc:"In their own name"`
	Bodies   []standsForView   `json:"bodies" nullable:"false" doc:"以集体名义: for each of these, to which they belong"`
	AnyBody  []matter.BodyKind `json:"any_body" nullable:"false" enum:"UNIT,STUDIO,COMMITTEE,PARTY,GROUP,SECTOR,PANEL,INSTITUTION" doc:"以集体名义: for any unit that is such a body, as members do under its seal"`
	OnBehalf bool              `json:"on_behalf" doc:"For a member, as on_behalf_of says"`
	OnPaper  bool              `json:"on_paper" doc:"代录: what somebody else handed in on paper"`
}

// standsForView is a body for which somebody hands in.
type standsForView struct {
	Kind   matter.BodyKind `json:"kind" enum:"UNIT,STUDIO,COMMITTEE,PARTY,GROUP,SECTOR,PANEL,INSTITUTION"`
	UnitID string          `json:"unit_id,omitempty" format:"uuid" doc:"Absent for a sector or a group of members"`
	Name   string          `json:"name" example:"民盟言城县支部"`
}

// unitRefView names a unit.
type unitRefView struct {
	ID   string `json:"id" format:"uuid"`
	Name string `json:"name" example:"言城县住房和城乡建设局"`
}

// grant is an operation that some roles open.
type grant struct {
	id  string
	who access
}

// sortGrants puts the grants into their order, once all operations are there.
func (a *API) sortGrants() {
	slices.SortFunc(a.grants, func(x, y grant) int { return strings.Compare(x.id, y.id) })
}

// mayOf lists the operations that some roles open.
func (a *API) mayOf(held []member.Role) []string {
	may := []string{}
	for _, g := range a.grants {
		if g.who.admits(held) {
			may = append(may, g.id)
		}
	}
	return may
}

// handsInOf tells of each kind whose submission is open to an actor in which ways they
// may hand it in.
func (a *API) handsInOf(may []string, h *matter.Hands) []handsInView {
	views := []handsInView{}
	for _, head := range a.matters.Heads() {
		w := h.Ways(head.Kind)
		if w.None() || !slices.Contains(may, string(head.Kind)+".submit") {
			continue
		}
		v := handsInView{string(head.Kind), w.Own, []standsForView{}, append([]matter.BodyKind{}, w.AnyBody...), w.OnBehalf, w.OnPaper}
		for _, b := range w.Bodies {
			v.Bodies = append(v.Bodies, standsForView{b.Kind, b.UnitID, b.Name})
		}
		views = append(views, v)
	}
	return views
}
