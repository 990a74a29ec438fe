package matter

import (
	"slices"
	"strings"

	"gorm.io/gorm"

	"yanlu/internal/institution"
	"yanlu/internal/member"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// veil keeps from units who the authors are, where a kind and the institution
// have it so (落实保密要求). Who is an author, or leads the handling, knows; so
// does the office.
type veil struct {
	kinds    map[Kind]*institution.Setting[bool] // that may be veiled for the actor
	settings []institution.StoredSetting
}

// loadVeil adds what the veil of some kinds needs to a batch. For most actors and
// kinds there is none, and it reads nothing.
func (s *Service) loadVeil(b *store.Batch, a member.Actor, kinds ...Kind) *veil {
	v := &veil{kinds: map[Kind]*institution.Setting[bool]{}}
	if len(a.Units()) == 0 {
		return v
	}
	var names []string
	for _, k := range kinds {
		if set := s.heads[k].AuthorsToUnits; set != nil && !s.oversees(a, k) {
			v.kinds[k] = set
			names = append(names, set.Name)
		}
	}
	if len(names) > 0 {
		b.Read(&v.settings, func(g *gorm.DB) *gorm.DB { return g.Where("institution_id = ? AND name IN ?", a.InstitutionID, names) })
	}
	return v
}

// over lists the kinds whose authors the actor does not read, but of what is
// theirs.
func (v *veil) over() (map[Kind]bool, error) {
	over := map[Kind]bool{}
	for kind, set := range v.kinds {
		shown, err := set.From(v.settings)
		if err != nil {
			return nil, err
		}
		over[kind] = !shown
	}
	return over, nil
}

// own is a query for whether a row of matters is the actor's: its author, who
// handed it in for one, or who leads its handling. Where nothing can be veiled it
// is not asked.
func (v *veil) own(a member.Actor, row string) (string, []any) {
	if len(v.kinds) == 0 {
		return "1 = 1", nil
	}
	return "(" + row + ".led_by = ? OR EXISTS (SELECT 1 FROM authors WHERE authors.matter_id = " + row + ".id AND (authors.person_id = ? OR authors.on_behalf_by = ?)))",
		[]any{a.PersonID, a.PersonID, a.PersonID}
}

// someAuthor stands for the name of an author under the veil.
const someAuthor = "提出人"

// cover takes who the authors are out of a matter that was loaded for somebody.
func (d *Detail) cover(flow workflow.Table) {
	var names []string
	for _, x := range d.Authors {
		names = append(names, x.Name, x.BodyName)
	}
	for i, e := range d.Events {
		if e.AssignmentID == nil && authorsDo(flow, e.Action) && e.ActorName != bySystem {
			names = append(names, e.ActorName) // who may be none any more
			d.Events[i].ActorName = someAuthor
		}
	}
	names = slices.DeleteFunc(names, func(n string) bool { return n == "" })
	slices.SortFunc(names, func(a, b string) int { return len(b) - len(a) }) // a name may be a part of another
	var pairs []string
	for _, n := range names {
		pairs = append(pairs, n, someAuthor)
	}
	d.unnamed = strings.NewReplacer(pairs...)
	for i := range d.Events {
		d.Events[i].Comment = d.unnamed.Replace(d.Events[i].Comment)
	}
	d.Authors, d.AuthorsHidden = nil, true
}

// Unnamed is a text of the matter, such as the name of a file, as the actor reads
// it: without the names of authors, where they are kept from the actor.
func (d *Detail) Unnamed(text string) string {
	if d.unnamed == nil {
		return text
	}
	return d.unnamed.Replace(text)
}

// authorsDo reports whether an action is one of authors.
func authorsDo(flow workflow.Table, action string) bool {
	rule, _ := flow.Rule(action)
	return len(rule.From) == 0 || slices.ContainsFunc(rule.Who, func(p workflow.Party) bool {
		return slices.Contains([]workflow.Party{FirstAuthor, AnyAuthor, Invited, OnBehalf}, p)
	})
}
