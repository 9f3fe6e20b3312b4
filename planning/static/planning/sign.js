// The sign page: while the password is empty, Enter in the follow-up goes to the password instead of sending the form.

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches("#sign-form .again input")) return;
  const password = document.querySelector("#sign-form input[type=password]");
  if (password.value) return;
  event.preventDefault();
  password.focus();
});
