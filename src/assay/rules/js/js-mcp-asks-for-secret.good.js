await server.elicitInput({ message: "Which city?", requestedSchema });
