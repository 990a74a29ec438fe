package member_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"yanlu/internal/institution"
	"yanlu/internal/member"
)

// TestAMobileNumberHasOneForm holds which numbers are read, and into what.
func TestAMobileNumberHasOneForm(t *testing.T) {
	t.Parallel()
	for _, typed := range []string{
		"13800000001", " 138 0000 0001 ", "138-0000-0001", "+8613800000001", "8613800000001", "+86 138-0000-0001", "138\u00a00000\u00a00001",
	} {
		if got, err := member.NormalPhone(typed); err != nil || got != "13800000001" {
			t.Errorf("%q becomes %q, %v", typed, got, err)
		}
	}
	for _, wrong := range []string{
		"", "1380000000", "138000000011", "12800000001", "03800000001", "0991-5550101", "+85291234567", "1380000000a",
		"１３８００００００００１", "13800000001;", "+13800000001x", "８６13800000001", strings.Repeat("1", 1000),
	} {
		if got, err := member.NormalPhone(wrong); !errors.Is(err, member.ErrPhone) {
			t.Errorf("%q becomes %q, %v", wrong, got, err)
		}
	}
}

// FuzzNormalPhone holds that a form is stable and is never anything but eleven
// digits.
func FuzzNormalPhone(f *testing.F) {
	for _, s := range []string{"13800000001", "+86 138-0000-0001", "8613800000001", "　", "é"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		one, err := member.NormalPhone(s)
		if err != nil {
			return
		}
		if len(one) != 11 || strings.Trim(one, "0123456789") != "" {
			t.Errorf("%q becomes %q", s, one)
		}
		if two, err := member.NormalPhone(one); err != nil || two != one {
			t.Errorf("%q becomes %q, %v", one, two, err)
		}
	})
}

// TestAMaskHidesTheMiddle holds that no mask shows more than seven digits.
func TestAMaskHidesTheMiddle(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]string{
		"13800000001": "138****0001", "": "", "1234567": "*******", "12345678": "123*5678",
	} {
		if got := member.MaskPhone(number); got != want {
			t.Errorf("%q is shown as %q, want %q", number, got, want)
		}
	}
}

// TestASmallOfficeSharesItsRolesAmongStaff holds what each role brings in
// either profile: never more than the staff roles and those of their helpers, who
// themselves have no more than their own.
func TestASmallOfficeSharesItsRolesAmongStaff(t *testing.T) {
	t.Parallel()
	staff := []member.Role{member.InfoStaff, member.MemberWorkStaff, member.ProposalChair, member.ProposalStaff} // sorted
	for role := range member.Roles() {
		for _, profile := range []institution.Profile{institution.SmallOffice, institution.Divided} {
			a := member.Actor{Profile: profile, Held: []member.Held{{Role: role}}}
			want := []member.Role{role}
			if profile == institution.SmallOffice && slices.Contains(staff, role) {
				want = slices.Sorted(slices.Values(append(slices.Clone(staff), member.Translator)))
			}
			if got := a.Roles(); !slices.Equal(got, want) {
				t.Errorf("%s in %s: %v, want %v", role, profile, got, want)
			}
			if a.Staff() != slices.Contains(staff, role) {
				t.Errorf("%s in %s is staff: %v", role, profile, a.Staff())
			}
		}
	}
	if (member.Actor{}).Roles() != nil || (member.Actor{}).IsAny() {
		t.Error("who holds nothing has a role")
	}
}

// TestOnlyRolesOfAUnitReachIt holds that a unit written beside another role
// gives nothing.
func TestOnlyRolesOfAUnitReachIt(t *testing.T) {
	t.Parallel()
	a := member.Actor{Held: []member.Held{
		{Role: member.UnitHandler, UnitID: "b"}, {Role: member.UnitLeader, UnitID: "a"}, {Role: member.UnitHandler, UnitID: "a"}, {Role: member.CommitteeStaff, UnitID: "e"},
		{Role: member.Member, UnitID: "c"}, {Role: member.InfoStaff, UnitID: "d"}, {Role: member.UnitHandler},
	}}
	if got := a.Units(); !slices.Equal(got, []string{"a", "b", "e"}) {
		t.Errorf("units %v", got)
	}
}
